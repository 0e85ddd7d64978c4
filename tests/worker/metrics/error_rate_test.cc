#include "worker/metrics/error_rate.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

ErrorCounts Compare(const std::string& reference, const std::string& hypothesis) {
  return CountErrors(AlignTokens(SplitWords(reference), SplitWords(hypothesis)));
}

TEST(ErrorRate, CountsEachKindOfError) {
  EXPECT_EQ(Compare("a b c d", "a x c d e"), (ErrorCounts{3, 1, 1, 0}));
  EXPECT_EQ(Compare("a b c", "a c"), (ErrorCounts{2, 0, 0, 1}));
  EXPECT_EQ(Compare("the cat sat", "the cat sat"), (ErrorCounts{3, 0, 0, 0}));
}

TEST(ErrorRate, EmptySidesAreInsertionsOrDeletions) {
  EXPECT_EQ(Compare("", "a b"), (ErrorCounts{0, 0, 2, 0}));
  EXPECT_EQ(Compare("a b", ""), (ErrorCounts{0, 0, 0, 2}));
  EXPECT_EQ(Compare("", ""), (ErrorCounts{}));
}

TEST(ErrorRate, AnEmptyReferenceHasARate) {
  EXPECT_EQ(Compare("", "a b").rate(), 1);
  EXPECT_EQ(Compare("", "").rate(), 0);
  EXPECT_EQ(Compare("a", "a b c").rate(), 2);
}

// Cost 12 both ways; sclite (sctk 2.4.10) says three substitutions.
TEST(ErrorRate, OfEqualPathsPairsGoBeforeGaps) {
  EXPECT_EQ(Compare("a b c", "c d e"), (ErrorCounts{0, 3, 0, 0}));
}

TEST(ErrorRate, TheAlignmentPairsTokensInOrder) {
  const std::vector<EditStep> steps = AlignTokens(SplitWords("a b c"), SplitWords("x a c"));
  ASSERT_EQ(steps.size(), 4u);
  const Edit edits[] = {Edit::kInsertion, Edit::kCorrect, Edit::kDeletion, Edit::kCorrect};
  const Index pairs[][2] = {{-1, 0}, {0, 1}, {1, -1}, {2, 2}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(steps[i].edit, edits[i]);
    EXPECT_EQ(steps[i].reference, pairs[i][0]);
    EXPECT_EQ(steps[i].hypothesis, pairs[i][1]);
  }
}

TEST(ErrorRate, SumsOverUtterances) {
  ErrorRate rate;
  EXPECT_EQ(rate.Add(SplitWords("a b"), SplitWords("a c")), (ErrorCounts{1, 1, 0, 0}));
  rate.Add(SplitWords(""), SplitWords("d"));
  rate.Add(SplitWords("e f"), SplitWords("e f"));
  EXPECT_EQ(rate.total(), (ErrorCounts{3, 1, 1, 0}));
  EXPECT_EQ(rate.total().rate(), 0.5);
  EXPECT_EQ(rate.utterances(), 3);
  EXPECT_EQ(rate.wrong_utterances(), 2);
}

TEST(ErrorRate, TheMostFrequentConfusionsComeFirst) {
  ErrorRate rate;
  rate.Add(SplitWords("a a b"), SplitWords("x x y"));
  rate.Add(SplitWords("a"), SplitWords("y"));
  const std::vector<Confusion> confusions = rate.Confusions(2);
  ASSERT_EQ(confusions.size(), 2u);
  EXPECT_EQ(confusions[0].reference + confusions[0].hypothesis, "ax");
  EXPECT_EQ(confusions[0].count, 2);
  EXPECT_EQ(confusions[1].reference + confusions[1].hypothesis, "ay");
}

TEST(ErrorRate, CharactersAreCodePoints) {
  EXPECT_EQ(SplitCharacters(" \u00fcb  \u20ac "), (Tokens{"\u00fc", "b", " ", "\u20ac"}));
  EXPECT_EQ(SplitCharacters("a\xff\xc3"), (Tokens{"a", "\xff", "\xc3"}));
  EXPECT_EQ(SplitCharacters(" \t"), Tokens{});
}

TEST(ErrorRate, AnUtteranceTooLongToAlignIsRefused) {
  const Tokens many(70'000, "a");
  ExpectError(ExitCode::kUsage, "cut it into utterances", [&] { AlignTokens(many, many); });
}

// 400 utterances of one word, wrong with probability 0.25: the normal interval of the rate is
// 0.25 +- 1.96 sqrt(0.25 * 0.75 / 400) = 0.2076 .. 0.2924.
TEST(ErrorRate, TheBootstrapIntervalIsThatOfABinomialRate) {
  ErrorRate rate;
  for (int i = 0; i < 400; ++i) rate.Add(Tokens{"a"}, Tokens{i % 4 == 0 ? "b" : "a"});
  const RateInterval interval = rate.Bootstrap(1);
  EXPECT_NEAR(interval.low, 0.2076, 0.01);
  EXPECT_NEAR(interval.high, 0.2924, 0.01);
  EXPECT_EQ(rate.Bootstrap(1).low, interval.low);
}

TEST(ErrorRate, TheIntervalOfFewUtterancesIsDefined) {
  EXPECT_EQ(ErrorRate().Bootstrap(1).high, 0);
  ErrorRate rate;
  rate.Add(Tokens{}, Tokens{"a"});
  EXPECT_EQ(rate.Bootstrap(1).low, 1);
}

}  // namespace
}  // namespace lockstep
