#include "worker/decode/ctc_beam.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/worker/decode/every_path.h"
#include "tests/worker/decode/frames.h"
#include "worker/decode/arpa_file.h"
#include "worker/decode/ctc_greedy.h"
#include "worker/decode/ngram_estimate.h"

namespace lockstep {
namespace {

constexpr double kTolerance = 1e-10;

const DecoderLabels kLetters({"<blank>", " ", "a", "b"}, LabelKind::kLetters);
const DecoderLabels kWordLabels({"<blank>", "a", "b", "c"}, LabelKind::kWords);

// Nothing is cut.
CtcBeamOptions Unlimited() {
  CtcBeamOptions options;
  options.beam = 100'000;
  options.hypotheses = 100'000;
  options.label_posterior = 0;
  options.margin = std::numeric_limits<double>::infinity();
  return options;
}

NgramModel ModelOfText(const std::string& text, Index order) {
  const TempFolder folder;
  Spill(folder / "text", text);
  std::ostringstream arpa;
  WriteArpa(EstimateNgrams(folder / "text", order), &arpa);
  Spill(folder / "model.arpa", arpa.str());
  return ReadArpa(folder / "model.arpa");
}

WordList ListOf(const std::string& text, const DecoderLabels& labels) {
  const TempFolder folder;
  Spill(folder / "words", text);
  return WordList::Read(folder / "words", labels.names());
}

std::vector<std::string> Texts(const CtcHypothesis& hypothesis) {
  std::vector<std::string> texts;
  for (const DecodedWord& word : hypothesis.words) texts.push_back(word.text);
  return texts;
}

std::string Joined(const CtcHypothesis& hypothesis) {
  return fmt::format("{}", fmt::join(Texts(hypothesis), " "));
}

std::string BestText(const DecoderKnowledge& knowledge, const CtcBeamOptions& options,
                     const std::vector<float>& logits) {
  const LogPosteriors posteriors(logits, knowledge.labels->classes());
  return Joined(CtcBeamDecoder(knowledge, options).Decode(posteriors).at(0));
}

TEST(CtcBeam, WithoutLimitsItSumsOverAllPaths) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::vector<float> logits = RandomLogits(6, 4, seed);
    const LogPosteriors posteriors(logits, 4);
    auto expected = EveryLabelling(posteriors);
    const auto found = CtcBeamDecoder({&kWordLabels}, Unlimited()).Decode(posteriors);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i].acoustic, expected.at(found[i].labels), kTolerance);
      EXPECT_EQ(found[i].total, found[i].acoustic);
      EXPECT_GE(found[i == 0 ? 0 : i - 1].total, found[i].total);
    }
  }
}

// What the definition says of all labellings: total of each sequence of words.
class Totals {
 public:
  Totals(const DecoderLabels& labels, const NgramModel& model, const CtcBeamOptions& options)
      : labels_(labels), model_(model), options_(options) {}

  std::map<std::vector<std::string>, double> Of(const LogPosteriors& posteriors) const {
    std::map<std::vector<std::string>, double> acoustic;
    for (const auto& [labelling, log_prob] : EveryLabelling(posteriors)) {
      const auto [place, is_new] = acoustic.emplace(WordsOf(labelling), log_prob);
      if (!is_new) place->second = LogAdd(place->second, log_prob);
    }
    for (auto& [words, total] : acoustic) total += Language(words);
    return acoustic;
  }

 private:
  std::vector<std::string> WordsOf(const std::vector<Index>& labelling) const {
    std::vector<std::string> words;
    for (const LabelRange& word : labels_.Words(labelling)) {
      words.push_back(labels_.Text(
          std::vector<Index>(labelling.begin() + word.begin, labelling.begin() + word.end)));
    }
    return words;
  }
  double Language(const std::vector<std::string>& words) const {
    NgramModel::State state = model_.Begin();
    double sum = 0;
    for (const std::string& word : words) {
      const NgramModel::Scored scored = model_.Score(state, model_.Find(word));
      sum += options_.language_weight * scored.log_prob + options_.unit_bonus;
      state = scored.state;
    }
    return sum + options_.language_weight * model_.ScoreEnd(state);
  }

  const DecoderLabels& labels_;
  const NgramModel& model_;
  const CtcBeamOptions& options_;
};

void ExpectTotalsOfDefinition(const DecoderLabels& labels, const NgramModel& model,
                              std::uint64_t seed) {
  const CtcBeamOptions options = Unlimited();
  const std::vector<float> logits = RandomLogits(6, labels.classes(), seed);
  const LogPosteriors posteriors(logits, labels.classes());
  const auto expected = Totals(labels, model, options).Of(posteriors);
  const auto found = CtcBeamDecoder({&labels, &model}, options).Decode(posteriors);
  ASSERT_EQ(found.size(), expected.size());
  for (const CtcHypothesis& hypothesis : found) {
    EXPECT_NEAR(hypothesis.total, expected.at(Texts(hypothesis)), kTolerance);
    EXPECT_LE(hypothesis.total, found[0].total);
  }
}

TEST(CtcBeam, ALanguageModelOfWordsCountsAtTheirEnds) {
  const NgramModel model = ModelOfText("a ab\nab ba b\nb b a\naa\n", 2);
  for (const std::uint64_t seed : {1, 2, 3}) ExpectTotalsOfDefinition(kLetters, model, seed);
}

TEST(CtcBeam, ALanguageModelOfLabelsCountsAtEachLabel) {
  const NgramModel model = ModelOfText("a b c\nc b a\na a\n", 3);
  for (const std::uint64_t seed : {1, 2, 3}) ExpectTotalsOfDefinition(kWordLabels, model, seed);
}

TEST(CtcBeam, PiecesAreJoinedToWords) {
  const DecoderLabels pieces({"<blank>", "\u2581a", "b"}, LabelKind::kPieces);
  const NgramModel model = ModelOfText("\u2581a b \u2581a\n\u2581a\n", 2);
  const std::vector<float> logits = PeakedLogits({1, 2, 0, 1}, 3, 0.9);
  EXPECT_EQ(BestText({&pieces, &model}, {}, logits), "ab a");
}

TEST(CtcBeam, OnlyWordsOfTheListAreWritten) {
  const WordList list = ListOf("ab\nb\n", kLetters);
  const std::vector<float> logits = RandomLogits(7, 4, 4);
  const LogPosteriors posteriors(logits, 4);
  const auto all = CtcBeamDecoder({&kLetters}, Unlimited()).Decode(posteriors);
  const auto listed = CtcBeamDecoder({&kLetters, nullptr, &list}, Unlimited()).Decode(posteriors);
  std::vector<std::string> expected, found;
  for (const CtcHypothesis& hypothesis : all) {
    const std::vector<std::string> words = Texts(hypothesis);
    const auto is_listed = [](const std::string& word) { return word == "ab" || word == "b"; };
    if (std::all_of(words.begin(), words.end(), is_listed)) expected.push_back(Joined(hypothesis));
  }
  for (const CtcHypothesis& hypothesis : listed) found.push_back(Joined(hypothesis));
  EXPECT_EQ(found, expected);
  EXPECT_GT(found.size(), 5u);
}

TEST(CtcBeam, TheLanguageModelChoosesBetweenWordsSpeltAlike) {
  const WordList list = ListOf("red a b\nread a b\n", kLetters);
  const NgramModel model = ModelOfText("read read\nred read\n", 2);
  const std::vector<float> logits = PeakedLogits({2, 3, 1, 2, 3}, 4, 0.9);
  EXPECT_EQ(BestText({&kLetters, nullptr, &list}, {}, logits), "red red");
  EXPECT_EQ(BestText({&kLetters, &model, &list}, {}, logits), "read read");
}

TEST(CtcBeam, AWordTheSequenceEndsInIsLeftOut) {
  const WordList list = ListOf("ab\nbbb\n", kLetters);
  CtcBeamOptions narrow;
  narrow.beam = 1;
  EXPECT_EQ(BestText({&kLetters, nullptr, &list}, narrow, PeakedLogits({2, 3, 1, 3, 0, 3}, 4, 0.9)),
            "ab");
  EXPECT_EQ(BestText({&kLetters, nullptr, &list}, narrow, PeakedLogits({3, 3}, 4, 0.9)), "");
}

TEST(CtcBeam, OneLabellingIsEnoughForClearFrames) {
  CtcBeamOptions narrow;
  narrow.beam = 1;
  const std::vector<float> logits = PeakedLogits({2, 2, 0, 2, 1, 3, 3, 0}, 4, 0.97);
  EXPECT_EQ(BestText({&kLetters}, narrow, logits), "aa b");
}

// The best path is all blanks (0.6^2); the sum over the paths of "a" is larger.
TEST(CtcBeam, BeatsTheBestPathWhereManyPathsAgree) {
  const std::vector<float> logits = PeakedLogits({0, 0}, 2, 0.6);
  const DecoderLabels labels({"<blank>", "a"}, LabelKind::kLetters);
  EXPECT_TRUE(DecodeGreedy(LogPosteriors(logits, 2)).empty());
  EXPECT_EQ(BestText({&labels}, {}, logits), "a");
}

TEST(CtcBeam, CuttingDoesNotHurtWhereFramesAreClear) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const std::vector<float> logits = RandomLogits(7, 4, seed, 4);
    const NgramModel model = ModelOfText("a ab\nab ba b\nb b a\naa\n", 2);
    CtcBeamOptions cut;
    cut.beam = 8;
    cut.labels_per_frame = 2;
    EXPECT_EQ(BestText({&kLetters, &model}, cut, logits),
              BestText({&kLetters, &model}, Unlimited(), logits));
  }
}

TEST(CtcBeam, TheLikeliestLabelsOfAFrameAreKept) {
  CtcBeamOptions one;
  one.labels_per_frame = 1;
  EXPECT_EQ(BestText({&kLetters}, one, PeakedLogits({3, 0, 2}, 4, 0.7)), "ba");
}

TEST(CtcBeam, EqualTotalsAreOrderedByLabels) {
  const std::vector<float> logits(4, 0.0f);  // one frame, all classes alike
  CtcBeamOptions options = Unlimited();
  const auto found = CtcBeamDecoder({&kWordLabels}, options).Decode(LogPosteriors(logits, 4));
  ASSERT_EQ(found.size(), 4u);
  for (Index i = 1; i < 4; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)].labels[0], i);
  options.beam = 2;
  const auto cut = CtcBeamDecoder({&kWordLabels}, options).Decode(LogPosteriors(logits, 4));
  EXPECT_EQ(cut.at(1).labels, std::vector<Index>{1});
}

TEST(CtcBeam, WordsHaveTimesAndConfidence) {
  const std::vector<float> logits = PeakedLogits({0, 2, 2, 3, 0, 1, 0, 3, 0}, 4, 0.9);
  const auto found = CtcBeamDecoder({&kLetters}, {}).Decode(LogPosteriors(logits, 4));
  const std::vector<DecodedWord>& words = found.at(0).words;
  ASSERT_EQ(Joined(found[0]), "ab b");
  EXPECT_EQ(words[0].first_frame, 1);
  EXPECT_EQ(words[0].last_frame, 3);
  EXPECT_EQ(words[1].first_frame, 7);
  EXPECT_EQ(words[1].last_frame, 7);
  EXPECT_NEAR(words[0].confidence, 0.9, 1e-6);
}

TEST(CtcBeam, SpacesInAnyPlaceGiveOneHypothesis) {
  const std::vector<float> logits = PeakedLogits({1, 2, 1, 1, 0, 1}, 4, 0.5);
  const auto found = CtcBeamDecoder({&kLetters}, Unlimited()).Decode(LogPosteriors(logits, 4));
  const auto is_a = [](const CtcHypothesis& h) { return Joined(h) == "a"; };
  EXPECT_EQ(std::count_if(found.begin(), found.end(), is_a), 1);
}

TEST(CtcBeam, NoFramesGiveOneEmptyHypothesis) {
  const auto found = CtcBeamDecoder({&kLetters}, {}).Decode(LogPosteriors({}, 4));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].words.empty());
  EXPECT_EQ(found[0].acoustic, 0);
}

TEST(CtcBeam, FramesThatTheListForbidsGiveAnEmptyHypothesis) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  const std::vector<float> logits = {kNever, kNever, 0, kNever};  // only "a", which is not listed
  const WordList list = ListOf("b\n", kLetters);
  EXPECT_EQ(BestText({&kLetters, nullptr, &list}, {}, logits), "");
}

TEST(CtcBeam, AllOptionsOutOfRangeAreNamedAtOnce) {
  CtcBeamOptions bad;
  bad.beam = 0;
  bad.label_posterior = 1;
  bad.margin = std::numeric_limits<double>::quiet_NaN();
  for (const char* text :
       {"beam is 0", "label posterior is 1; allowed is 0 to below 1", "margin"}) {
    ExpectError(ExitCode::kUsage, text, [&] { CtcBeamDecoder({&kLetters}, bad); });
  }
}

TEST(CtcBeam, ABeamThatNoMemoryHoldsIsRefused) {
  CtcBeamOptions bad;
  bad.beam = 1000000000;
  bad.hypotheses = CtcBeamOptions::kMostBeam + 1;
  for (const char* text : {"beam is 1000000000; allowed is 1 to 100000", "hypotheses is 100001"}) {
    ExpectError(ExitCode::kUsage, text, [&] { CtcBeamDecoder({&kLetters}, bad); });
  }
}

}  // namespace
}  // namespace lockstep
