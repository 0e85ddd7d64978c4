#include "launch/config/source_weights.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

// 10 sequences of a.fa and 20 of b.fa for training; v.fa is for validation only.
CorpusInfo ThreeSources() {
  CorpusInfo corpus;
  corpus.sources = {"a.fa", "b.fa", "v.fa"};
  corpus.splits["train"].sequences = 30;
  corpus.splits["train"].sources = {{0, 10, 100}, {1, 20, 200}};
  corpus.splits["valid"].sources = {{2, 5, 50}};
  return corpus;
}

std::vector<double> Resolve(const std::string& text, const CorpusInfo& corpus = ThreeSources()) {
  return ResolveSourceWeights(SourceWeightsFromText(text), corpus);
}

TEST(SourceWeights, BelongToNamesAndPatterns) {
  EXPECT_EQ(Resolve("a.fa=2"), (std::vector<double>{2, 1, 1}));
  EXPECT_EQ(Resolve(" b* = 0.5 ,a.f?=1e1"), (std::vector<double>{10, 0.5, 1}));
  EXPECT_EQ(Resolve("a.fa=0"), (std::vector<double>{0, 1, 1}));
}

TEST(SourceWeights, OfTheLastPatternThatMatchesCount) {
  EXPECT_EQ(Resolve("*=0.5,a.fa=2"), (std::vector<double>{2, 0.5, 1}));
  EXPECT_EQ(Resolve("a.fa=2,*=0.5"), (std::vector<double>{0.5, 0.5, 1}));
}

TEST(SourceWeights, AreNoneIfAllAreOne) {
  EXPECT_TRUE(Resolve("").empty());
  EXPECT_TRUE(Resolve("  ").empty());
  EXPECT_TRUE(Resolve("*=1").empty());
}

TEST(SourceWeights, TakeNamesWithSignsAsTheyAre) {
  CorpusInfo corpus = ThreeSources();
  corpus.sources[0] = "x=[1].fa";
  EXPECT_EQ(Resolve("x=[1].fa=3", corpus), (std::vector<double>{3, 1, 1}));
}

TEST(SourceWeights, OfACorpusWithoutATableAreThoseOfAll) {
  CorpusInfo corpus;
  corpus.splits["train"].sequences = 30;
  EXPECT_EQ(Resolve("all=2", corpus), (std::vector<double>{2}));
  ExpectError(ExitCode::kUsage, "matches \"a.fa\"; the sources are \"all\" (prepared from one",
              [&] { Resolve("a.fa=2", corpus); });
}

// b.fa stands for a corpus of 20 samples that was joined, of which 50 are read.
TEST(SourceWeights, OfAJoinedCorpusAreItsReadsPerSampleWhateverPatternsSay) {
  CorpusInfo corpus = ThreeSources();
  corpus.sources.pop_back();
  corpus.splits["train"].joined_reads = {50};
  EXPECT_EQ(Resolve("", corpus), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(Resolve("*=0", corpus), (std::vector<double>{0, 2.5}));
  ExpectError(ExitCode::kUsage, "matches \"b.fa\"; the sources are \"a.fa\"",
              [&] { Resolve("b.fa=2", corpus); });
}

TEST(SourceWeights, RefuseWhatIsNoWeight) {
  for (const char* text : {"a.fa", "=2", " =2", "a.fa=", "a.fa=x", "a.fa=-0.1", "a.fa=1000.1",
                           "a.fa=1e9", "a.fa=nan", "a.fa=inf", "a.fa=1,", ",", "a.fa=1,,b.fa=1"}) {
    ExpectError(ExitCode::kUsage, "is no weight; allowed are NAME=WEIGHT with commas between",
                [&] { SourceWeightsFromText(text); });
  }
}

TEST(SourceWeights, RefuseAPatternThatMatchesNoTrainingSequence) {
  ExpectError(ExitCode::kUsage, "matches \"c*\"; the sources are \"a.fa\", \"b.fa\"",
              [] { Resolve("a.fa=2,c*=1"); });
  ExpectError(ExitCode::kUsage, "matches \"v.fa\"", [] { Resolve("v.fa=2"); });
}

TEST(SourceWeights, LeaveAtLeastOneSequencePerEpoch) {
  ExpectError(ExitCode::kUsage, "leave 0 sequences", [] { Resolve("*=0"); });
  ExpectError(ExitCode::kUsage, "leave 0.3 sequences", [] { Resolve("*=0.01"); });
  EXPECT_EQ(Resolve("a.fa=0,b.fa=0.05"), (std::vector<double>{0, 0.05, 1}));
}

}  // namespace
}  // namespace lockstep
