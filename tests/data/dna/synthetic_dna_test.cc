#include "data/dna/synthetic_dna.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/corpus/shard_reader.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

SyntheticDnaSummary Prepare(const TempFolder& folder, Index bases, std::uint64_t seed = 1,
                            DnaCutOptions cut = {}) {
  SyntheticDnaOptions options;
  options.bases = bases;
  options.seed = seed;
  options.out = folder.path();
  options.cut = cut;
  return PrepareSyntheticDna(options);
}

TEST(SyntheticDna, LeavesRoomBetweenMajorityAndBayes) {
  const TempFolder folder;
  const BayesReport bayes = Prepare(folder, 10'000'000).bayes;
  EXPECT_EQ(bayes.bases, 1'000'000);
  EXPECT_NEAR(bayes.majority_accuracy, 0.50, 0.05);
  EXPECT_NEAR(bayes.bayes_accuracy, 0.982, 0.005);
  EXPECT_NEAR(bayes.bayes_accuracy_window, 0.977, 0.01);
  EXPECT_LT(bayes.bayes_accuracy_window, bayes.bayes_accuracy);
}

TEST(SyntheticDna, JudgesTheEndOfTheTestSplitOnly) {
  const TempFolder folder;
  DnaCutOptions cut;
  cut.ranges = {"1-1000", "", "1001-5000000"};
  const SyntheticDnaSummary summary = Prepare(folder, 6'000'000, 1, cut);
  EXPECT_LE(summary.bayes.bases, 2'000'000);
  EXPECT_GT(summary.bayes.bases, 2'000'000 - 512);
  EXPECT_EQ((4'999'000 - summary.bayes.bases) % 512, 0) << "begins with a window";
  EXPECT_EQ(summary.unused_bases, 1'000'000);
}

TEST(SyntheticDna, ContextHelpsWhereOnlyTheWindowIsSeen) {
  DnaCutOptions narrow, wide;
  narrow.window = 128;
  wide.window = 256;
  wide.overlap = 64;
  const TempFolder one, two;
  EXPECT_GT(Prepare(two, 2'000'000, 1, wide).bayes.bayes_accuracy_window,
            Prepare(one, 2'000'000, 1, narrow).bayes.bayes_accuracy_window + 0.01);
}

TEST(SyntheticDna, IsTheSameForTheSameSeed) {
  const TempFolder one, two, three;
  const std::string hash = Prepare(one, 100'000, 7).info.hash;
  EXPECT_EQ(Prepare(two, 100'000, 7).info.hash, hash);
  EXPECT_NE(Prepare(three, 100'000, 8).info.hash, hash);
}

TEST(SyntheticDna, KeepsTheFiguresInTheCorpus) {
  const TempFolder folder;
  const SyntheticDnaSummary summary = Prepare(folder, 100'000);
  const auto provenance = ParseJson(ReadCorpusInfo(folder.path()).provenance);
  EXPECT_EQ(provenance["bayes_accuracy"], summary.bayes.bayes_accuracy);
  EXPECT_EQ(provenance["bayes_accuracy_window"], summary.bayes.bayes_accuracy_window);
  EXPECT_EQ(provenance["majority_accuracy"], summary.bayes.majority_accuracy);
  EXPECT_EQ(provenance["seed"], 1);
  EXPECT_EQ(provenance["ranges"]["train"], "1-80000");
}

TEST(SyntheticDna, OfOneBaseIsACorpus) {
  const TempFolder folder;
  const SyntheticDnaSummary summary = Prepare(folder, 1);
  EXPECT_EQ(summary.info.Split("test").steps, 1);
  EXPECT_EQ(summary.bayes.bases, 1);
}

TEST(SyntheticDna, WithoutTestSplitKnowsNothing) {
  const TempFolder folder;
  DnaCutOptions cut;
  cut.ranges.train = "1-";
  EXPECT_EQ(Prepare(folder, 1000, 1, cut).bayes.bases, 0);
}

TEST(SyntheticDna, RefusesSizesThatCannotBe) {
  const TempFolder folder;
  ExpectError(ExitCode::kUsage, "--synthetic is 0 bases, allowed: 1..1099511627776",
              [&] { Prepare(folder, 0); });
}

}  // namespace
}  // namespace lockstep
