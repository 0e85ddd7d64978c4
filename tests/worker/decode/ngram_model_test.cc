#include "worker/decode/ngram_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/counter_rng.h"
#include "tests/support/temp_folder.h"
#include "tests/worker/decode/arpa_text.h"
#include "worker/decode/arpa_file.h"

namespace lockstep {
namespace {

constexpr double kLog10 = 2.302585092994045684;
constexpr double kFloatTolerance = 1e-5;  // logarithms are stored as floats

using History = std::vector<std::string>;

// The definition, from maps: log10 p(word | history), histories of any length.
class BruteForceModel {
 public:
  void Add(History words, double log_prob, double backoff = 0) {
    log_prob_[words] = log_prob;
    backoff_[words] = backoff;
  }
  double Score(History history, const std::string& word) const {
    History ngram = history;
    ngram.push_back(word);
    if (const auto found = log_prob_.find(ngram); found != log_prob_.end()) return found->second;
    const auto backoff = backoff_.find(history);
    history.erase(history.begin());
    return (backoff == backoff_.end() ? 0 : backoff->second) + Score(history, word);
  }

 private:
  std::map<History, double> log_prob_, backoff_;
};

BruteForceModel SmallModel() {
  BruteForceModel model;
  model.Add({"<s>"}, -99, -0.5);
  model.Add({"</s>"}, -1.0);
  model.Add({"<unk>"}, -1.5);
  model.Add({"a"}, -0.4, -0.2);
  model.Add({"b"}, -0.6, -0.3);
  model.Add({"c"}, -0.9);
  model.Add({"<s>", "a"}, -0.3, -0.1);
  model.Add({"a", "b"}, -0.5, -0.4);
  model.Add({"a", "c"}, -0.7);
  model.Add({"b", "c"}, -0.2, 0.05);
  model.Add({"c", "</s>"}, -0.8);
  model.Add({"<s>", "a", "b"}, -0.1);
  model.Add({"b", "a", "c"}, -0.25);
  model.Add({"a", "b", "c"}, -0.15);
  return model;
}

NgramModel ReadText(const std::string& text) {
  const TempFolder folder;
  Spill(folder / "model.arpa", text);
  return ReadArpa(folder / "model.arpa");
}

History LastTwo(const History& words) {
  return words.size() <= 2 ? words : History(words.end() - 2, words.end());
}

TEST(NgramModel, ScoresAsTheDefinitionOnRandomTexts) {
  const NgramModel model = ReadText(kSmallArpa);
  const BruteForceModel brute = SmallModel();
  const std::string words[] = {"a", "b", "c", "<unk>", "</s>"};
  const CounterRng rng(1, RandomPurpose::kTest);
  History history = {"<s>"};
  NgramModel::State state = model.Begin();
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::string& word = words[rng.Below(i, 5)];
    const NgramModel::Scored scored = model.Score(state, model.Find(word));
    ASSERT_NEAR(scored.log_prob, kLog10 * brute.Score(LastTwo(history), word), kFloatTolerance)
        << word << " after " << testing::PrintToString(LastTwo(history));
    state = scored.state;
    history.push_back(word);
  }
}

TEST(NgramModel, WordsItDoesNotKnowAreScoredAsUnk) {
  const NgramModel model = ReadText(kSmallArpa);
  EXPECT_EQ(model.Find("zebra"), model.Find("<unk>"));
  EXPECT_FALSE(model.Knows("zebra"));
  EXPECT_NEAR(model.Score(model.Begin(), model.Find("zebra")).log_prob, kLog10 * (-0.5 - 1.5),
              kFloatTolerance);
}

TEST(NgramModel, WithoutUnkUnknownWordsArePracticallyImpossible) {
  const NgramModel model = ReadText("\\data\\\nngram 1=1\n\\1-grams:\n-0.1 a\n\\end\\\n");
  EXPECT_EQ(model.Find("b"), NgramModel::kNoWord);
  EXPECT_EQ(model.Score(NgramModel::Empty(), model.Find("b")).log_prob,
            NgramModel::kNoUnknownLogProb);
  EXPECT_EQ(model.Begin(), NgramModel::Empty());
  EXPECT_EQ(model.ScoreEnd(model.Begin()), 0);
}

TEST(NgramModel, CountsItsNgramsAndThoseItHadToAdd) {
  const NgramModel model = ReadText(kSmallArpa);
  EXPECT_EQ(model.order(), 3);
  EXPECT_EQ(model.count(1), 6);
  EXPECT_EQ(model.count(2), 6);  // "b a" is added
  EXPECT_EQ(model.count(3), 3);
}

// p = 1/4 for each of three words and the end: the perplexity is 4.
TEST(NgramModel, ThePerplexityOfAUniformModelIsItsSize) {
  const NgramModel model = ReadText(
      "\\data\\\nngram 1=5\n\\1-grams:\n-99 <s>\n-0.60206 </s>\n-0.60206 a\n-0.60206 b\n"
      "-0.60206 c\n\\end\\\n");
  const TempFolder folder;
  Spill(folder / "text", "a b c\n\nc  a\tzebra\n");
  const TextScore score = ScoreText(model, folder / "text");
  EXPECT_EQ(score.sentences, 3);
  EXPECT_EQ(score.words, 6);
  EXPECT_EQ(score.unknown, 1);
  EXPECT_NEAR(score.Perplexity(), 4, kFloatTolerance);
}

TEST(NgramModel, ManyNgramsAreFoundAgain) {
  NgramModelBuilder builder;
  constexpr NgramModel::Word kWords = 300;
  for (NgramModel::Word w = 0; w < kWords; ++w) builder.AddWord(std::to_string(w), -1, -2);
  for (NgramModel::Word a = 0; a < kWords; ++a) {
    for (NgramModel::Word b = a % 2; b < kWords; b += 2) {
      EXPECT_TRUE(builder.AddNgram(std::array{a, b}, -0.001 * (a + b), 0));
    }
  }
  const NgramModel model = builder.Finish();
  for (NgramModel::Word a = 0; a < kWords; ++a) {
    const NgramModel::State state = model.Score(NgramModel::Empty(), a).state;
    for (NgramModel::Word b = 0; b < kWords; ++b) {
      const double expected = a % 2 == b % 2 ? -0.001 * (a + b) : -3;
      ASSERT_NEAR(model.Score(state, b).log_prob, expected, kFloatTolerance);
    }
  }
}

}  // namespace
}  // namespace lockstep
