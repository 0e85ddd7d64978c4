#include "worker/decode/ngram_estimate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

#include "base/counter_rng.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "worker/decode/arpa_file.h"

namespace lockstep {
namespace {

constexpr double kArpaTolerance = 1e-6;  // seven digits are written

NgramEstimate EstimateText(const std::string& text, Index order) {
  const TempFolder folder;
  Spill(folder / "text", text);
  return EstimateNgrams(folder / "text", order);
}

NgramModel ModelOf(const NgramEstimate& estimate) {
  std::ostringstream arpa;
  WriteArpa(estimate, &arpa);
  const TempFolder folder;
  Spill(folder / "model.arpa", arpa.str());
  return ReadArpa(folder / "model.arpa");
}

// Sentences of words whose frequency falls with their rank.
std::string ZipfText(int sentences, int words) {
  const CounterRng rng(3, RandomPurpose::kTest);
  std::string text;
  std::uint64_t draw = 0;
  for (int s = 0; s < sentences; ++s) {
    for (std::uint64_t n = rng.Below(draw++, 8) + 1; n > 0; --n) {
      const double rank = std::pow(words, rng.Uniform(draw++));
      text += fmt::format("w{} ", static_cast<int>(rank));
    }
    text += "\n";
  }
  return text;
}

double Probability(const NgramModel& model, const std::vector<std::string>& history,
                   const std::string& word) {
  NgramModel::State state = NgramModel::Empty();
  for (const std::string& before : history) {
    state = before == "<s>" ? model.Begin() : model.Score(state, model.Find(before)).state;
  }
  return std::exp(model.Score(state, model.Find(word)).log_prob);
}

double SumOverVocabulary(const NgramEstimate& estimate, const NgramModel& model,
                         const std::vector<std::string>& history) {
  double sum = 0;
  for (const std::string& word : estimate.vocabulary) {
    if (word != "<s>") sum += Probability(model, history, word);
  }
  return sum;
}

TEST(NgramEstimate, ProbabilitiesSumToOneAfterEveryHistory) {
  for (const Index order : {1, 2, 3}) {
    const NgramEstimate estimate = EstimateText(ZipfText(2000, 300), order);
    EXPECT_EQ(estimate.smoothing, Smoothing::kKneserNey) << estimate.why_not_kneser_ney;
    const NgramModel model = ModelOf(estimate);
    for (const char* first : {"<s>", "w1", "w7", "w250"}) {
      for (const char* second : {"w1", "w3", "w299", "never"}) {
        EXPECT_NEAR(SumOverVocabulary(estimate, model, {first, second}), 1, 1e-5);
      }
      EXPECT_NEAR(SumOverVocabulary(estimate, model, {first}), 1, 1e-5);
    }
  }
}

// p(b | a) of `a b / a b / a c`, by hand. Witten-Bell: c(a .) = 3, two different followers.
// 1-grams: a 3, b 2, c 1, </s> 3; nine in all, four kinds; five words with <unk>.
TEST(NgramEstimate, WittenBellHasItsClosedForm) {
  const NgramEstimate estimate = EstimateText("a b\na b\n\na c\n", 2);
  EXPECT_EQ(estimate.smoothing, Smoothing::kWittenBell);
  EXPECT_NE(estimate.why_not_kneser_ney.find("1-grams"), std::string::npos);
  EXPECT_EQ(estimate.sentences, 3);
  EXPECT_EQ(estimate.tokens, 6);
  const NgramModel model = ModelOf(estimate);
  const double b = (2 + 4 * 0.2) / 13;
  EXPECT_NEAR(Probability(model, {"x"}, "b"), b, kArpaTolerance);
  EXPECT_NEAR(Probability(model, {"a"}, "b"), (2 + 2 * b) / 5, kArpaTolerance);
  EXPECT_NEAR(Probability(model, {"a"}, "x"), 2.0 / 5 * (4 * 0.2 / 13), kArpaTolerance);
  EXPECT_NEAR(Probability(model, {"<s>"}, "a"), (3 + (3 + 4 * 0.2) / 13) / 4, kArpaTolerance);
}

// Interpolated modified Kneser-Ney of order 2 from its definition, for one pair of words.
class KneserNeyByDefinition {
 public:
  explicit KneserNeyByDefinition(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream stream(line);
      std::string before = "<s>";
      for (std::string word; stream >> word; before = word) Count(before, word);
      Count(before, "</s>");
    }
    for (const auto& [words, count] : pairs_) before_[words.second] += 1;
  }

  double Unigram(const std::string& word) const {
    const std::array<double, 4> discount = Discounts(before_);
    double total = 0, freed = 0;
    for (const auto& [other, count] : before_) {
      total += count;
      freed += discount[Class(count)];
    }
    const auto found = before_.find(word);
    const double own = found == before_.end() ? 0 : found->second - discount[Class(found->second)];
    return own / total + freed / total / (static_cast<double>(before_.size()) + 1);  // and <unk>
  }

  double Bigram(const std::string& history, const std::string& word) const {
    const std::array<double, 4> discount = Discounts(pairs_);
    double total = 0, freed = 0, own = 0;
    for (const auto& [words, count] : pairs_) {
      if (words.first != history) continue;
      total += count;
      freed += discount[Class(count)];
      if (words.second == word) own = count - discount[Class(count)];
    }
    return own / total + freed / total * Unigram(word);
  }

 private:
  void Count(const std::string& before, const std::string& word) { pairs_[{before, word}] += 1; }
  static std::size_t Class(double count) { return count > 3 ? 3 : static_cast<std::size_t>(count); }

  template <typename Counts>
  static std::array<double, 4> Discounts(const Counts& counts) {
    double n[5] = {};
    for (const auto& [key, count] : counts) {
      if (count <= 4) ++n[static_cast<int>(count)];
    }
    const double y = n[1] / (n[1] + 2 * n[2]);
    return {0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]};
  }

  std::map<std::pair<std::string, std::string>, double> pairs_;
  std::map<std::string, double> before_;
};

TEST(NgramEstimate, KneserNeyIsItsDefinition) {
  const std::string text = ZipfText(400, 150);
  const NgramEstimate estimate = EstimateText(text, 2);
  ASSERT_EQ(estimate.smoothing, Smoothing::kKneserNey) << estimate.why_not_kneser_ney;
  const NgramModel model = ModelOf(estimate);
  const KneserNeyByDefinition definition(text);
  for (const char* history : {"<s>", "w1", "w2", "w40"}) {
    for (const char* word : {"w1", "w2", "w11", "w149", "</s>", "<unk>"}) {
      EXPECT_NEAR(Probability(model, {history}, word) / definition.Bigram(history, word), 1, 1e-5)
          << word << " after " << history;
    }
  }
}

TEST(NgramEstimate, ATrigramModelExplainsItsTextBetterThanAUnigramModel) {
  const std::string text = ZipfText(500, 50);
  const TempFolder folder;
  Spill(folder / "text", text);
  const double unigram = ScoreText(ModelOf(EstimateText(text, 1)), folder / "text").Perplexity();
  const double trigram = ScoreText(ModelOf(EstimateText(text, 3)), folder / "text").Perplexity();
  EXPECT_LT(trigram, 0.5 * unigram);
}

TEST(NgramEstimate, OneWordIsEnoughText) {
  const NgramEstimate estimate = EstimateText("hello", 3);
  EXPECT_EQ(estimate.smoothing, Smoothing::kWittenBell);
  EXPECT_NEAR(SumOverVocabulary(estimate, ModelOf(estimate), {"<s>", "hello"}), 1, kArpaTolerance);
}

TEST(NgramEstimate, TheOrderOfLinesDoesNotMatter) {
  std::ostringstream one, other;
  WriteArpa(EstimateText("b a\nc\na c d\n", 3), &one);
  WriteArpa(EstimateText("a c d\nb a\nc\n", 3), &other);
  EXPECT_EQ(one.str(), other.str());
}

TEST(NgramEstimate, TextWithoutWordsOrWithMarksIsRefused) {
  ExpectError(ExitCode::kBadData, "no words in 2 lines", [] { EstimateText(" \n\n", 2); });
  ExpectError(ExitCode::kBadData, "text:2: the word <s>", [] { EstimateText("a\nb <s>\n", 2); });
  ExpectError(ExitCode::kMissingInput, "nowhere", [] { EstimateNgrams("nowhere", 2); });
}

}  // namespace
}  // namespace lockstep
