#include "launch/config/corpus_mix.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

TEST(CorpusMix, NamesFoldersAndWeights) {
  const std::vector<NamedWeight> mix = MixFromText("other=0.5, x/a=b = 3");
  ASSERT_EQ(mix.size(), 2u);
  EXPECT_EQ(mix[0].name, "other");
  EXPECT_EQ(mix[0].weight, 0.5);
  EXPECT_EQ(mix[1].name, "x/a=b");
  EXPECT_EQ(mix[1].weight, 3);
  EXPECT_TRUE(MixFromText("").empty());
}

TEST(CorpusMix, RefusesWhatIsNoWeight) {
  for (const char* text : {"other", "=1", "other=", "other=0", "other=-1", "other=nan", "other=inf",
                           "other=1e10", "other=1,", ",", "other=1,,x=1"}) {
    ExpectError(ExitCode::kUsage, "is no weight; allowed are FOLDER=WEIGHT with commas between",
                [&] { MixFromText(text); });
  }
}

TEST(CorpusMix, ReadsTheWeightTimesTheSamplesOfTheFirstCorpus) {
  EXPECT_EQ(MixedReads({"other", 0.5}, 100, 7), 50);
  EXPECT_EQ(MixedReads({"other", 0.125}, 100, 7), 13);  // halves up
  EXPECT_EQ(MixedReads({"other", 2}, 3, 1000), 6);
}

TEST(CorpusMix, RefusesWeightsThatCannotBeKept) {
  ExpectError(ExitCode::kUsage, "asks for 0 sequences of corpus \"other\"", [] {
    MixedReads({"other", 0.004}, 100, 7);
  });
  ExpectError(ExitCode::kUsage, "allowed are 1 to 7000", [] { MixedReads({"other", 71}, 100, 7); });
}

}  // namespace
}  // namespace lockstep
