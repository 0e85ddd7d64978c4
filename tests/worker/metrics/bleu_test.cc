#include "worker/metrics/bleu.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/expect_error.h"
#include "worker/metrics/chrf.h"

namespace lockstep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kTolerance = 1e-9;

double BleuOf(std::string_view hypothesis, std::string_view reference) {
  Bleu bleu;
  bleu.Add(hypothesis, reference);
  return bleu.counts().Score();
}

TEST(NgramOverlap, CountsANgramAsOftenAsBothSidesHaveIt) {
  const std::vector<int> hypothesis = {1, 2, 1, 2, 1}, reference = {1, 2, 3, 1, 2};
  const auto count = [&](Index n) {
    return CountNgrams(std::span<const int>(hypothesis), std::span<const int>(reference), n);
  };
  EXPECT_EQ(count(1), (NgramOverlap{5, 5, 4}));
  EXPECT_EQ(count(2), (NgramOverlap{4, 4, 2}));
  EXPECT_EQ(count(3), (NgramOverlap{3, 3, 0}));
  EXPECT_EQ(count(6), (NgramOverlap{0, 0, 0}));
}

TEST(Bleu, EqualTextsHaveAHundred) { EXPECT_NEAR(BleuOf("a b c d e", "a b c d e"), 100, 1e-9); }

TEST(Bleu, IsTheMeanOfPrecisionsTimesTheBrevityPenalty) {
  // 4 of 5, 3 of 4, 2 of 3 and 1 of 2 n-grams match; six tokens were wanted.
  const double mean =
      std::exp((std::log(0.8) + std::log(0.75) + std::log(2. / 3) + std::log(0.5)) / 4);
  EXPECT_NEAR(BleuOf("a b c d x", "a b c d e f"), 100 * mean * std::exp(1 - 6. / 5), kTolerance);
}

TEST(Bleu, OrdersWithoutAMatchAreSmoothedByHalves) {
  // 1 of 4 words match; then 1/2 of 3, 1/4 of 2 and 1/8 of 1.
  const double logs = std::log(25) + std::log(100. / 6) + std::log(100. / 8) + std::log(100. / 8);
  EXPECT_NEAR(BleuOf("a x y z", "a b c d"), std::exp(logs / 4), kTolerance);
}

TEST(Bleu, WithoutAnyMatchOrTextItIsZero) {
  EXPECT_EQ(BleuOf("x y z w", "a b c d"), 0);
  EXPECT_EQ(BleuOf("", "a b c d"), 0);
  EXPECT_EQ(BleuOf("a b", "a b"), 0) << "no hypothesis has four tokens";
  EXPECT_EQ(Bleu().counts().Score(), 0);
}

TEST(Bleu, CountsAreThoseOfTheWholeSet) {
  Bleu together;
  together.Add("a b c d", "a b c d");
  together.Add("x", "y z");
  EXPECT_EQ(together.counts().found(), 5);
  EXPECT_EQ(together.counts().wanted(), 6);
  EXPECT_EQ(together.counts().orders[3], (NgramOverlap{1, 1, 1}));
}

TEST(Bleu, SignatureSaysHowItWasComputed) {
  EXPECT_EQ(Bleu().Signature(), "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp");
  EXPECT_EQ(Bleu({BleuTokenizer::kCharacters, true}).Signature(),
            "nrefs:1|case:lc|eff:no|tok:char|smooth:exp");
  EXPECT_EQ(Chrf().Signature(), "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no");
}

TEST(BleuTokens, DivideAsMtevalDoes) {
  const auto tokens = [](const char* text) { return BleuTokens(BleuTokenizer::k13a, false, text); };
  EXPECT_THAT(tokens("It's 3.14, \"ok\" (A-B)."),
              ElementsAre("It's", "3.14", ",", "\"", "ok", "\"", "(", "A-B", ")", "."));
  EXPECT_THAT(tokens("10-20 &quot;x&amp;y&quot; 5."),
              ElementsAre("10", "-", "20", "\"", "x", "&", "y", "\"", "5", "."));
  EXPECT_THAT(tokens(" \t"), IsEmpty());
}

TEST(BleuTokens, OtherTokenizersDivideOtherwise) {
  const auto tokens = [](BleuTokenizer by, const char* text) {
    return BleuTokens(by, false, text);
  };
  EXPECT_THAT(tokens(BleuTokenizer::kIntl, "„gut“ $5 3.1"),
              ElementsAre("„", "gut", "“", "$", "5", "3.1"));
  EXPECT_THAT(tokens(BleuTokenizer::kZh, "中国abc。"), ElementsAre("中", "国", "abc", "。"));
  EXPECT_THAT(tokens(BleuTokenizer::kCharacters, "a bé"), ElementsAre("a", "b", "é"));
  EXPECT_THAT(tokens(BleuTokenizer::kNone, "a, b"), ElementsAre("a,", "b"));
}

TEST(BleuTokens, LowerCaseIsThatOfEveryLanguage) {
  EXPECT_THAT(BleuTokens(BleuTokenizer::kNone, true, "ÜBER ΟΔΟΣ"), ElementsAre("über", "οδος"));
}

TEST(BleuTokens, UnknownNamesAndBytesAreRefused) {
  ExpectError(ExitCode::kUsage, "\"14a\" is no tokenizer of BLEU",
              [] { BleuTokenizerFromName("14a"); });
  ExpectError(ExitCode::kBadData, "no UTF-8",
              [] { BleuTokens(BleuTokenizer::k13a, false, "\xFF"); });
}

TEST(Chrf, IsTheFScoreOfMeanPrecisionAndRecall) {
  Chrf chrf;
  chrf.Add("a b", "abc");  // orders 1 and 2: all found of 2 and 1, of 3 and 2 wanted
  const double precision = 1, recall = (2. / 3 + 1. / 2) / 2;
  EXPECT_NEAR(chrf.Score(), 100 * 5 * precision * recall / (4 * precision + recall), kTolerance);
}

TEST(Chrf, EmptyTextsHaveZero) {
  Chrf chrf;
  chrf.Add("", "");
  EXPECT_EQ(chrf.Score(), 0);
  chrf.Add("", "abc");
  EXPECT_EQ(chrf.Score(), 0);
}

}  // namespace
}  // namespace lockstep
