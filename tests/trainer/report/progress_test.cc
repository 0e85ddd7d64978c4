#include "trainer/report/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep {
namespace {

ProgressLine SomeLine() {
  ProgressLine line;
  line.step = 120;
  line.last_step = 1000;
  line.loss = 0.5;
  line.share = 0.12;
  line.seconds_left = 110;
  line.unit_rate = 1.5e6;
  line.unit = "bases/s";
  return line;
}

TEST(Progress, NamesTheFieldsUnitsAndTheTimeLeft) {
  const std::string text = FormatProgress(SomeLine());
  EXPECT_THAT(text, testing::HasSubstr("step 120/1000"));
  EXPECT_THAT(text, testing::HasSubstr("1.5M bases/s"));
  EXPECT_THAT(text, testing::HasSubstr("left 1m50s"));
}

TEST(Progress, SaysNothingOfTimeLeftWhenTheEndIsUnknown) {
  ProgressLine line = SomeLine();
  line.last_step = 0;
  line.share = line.seconds_left = std::nullopt;
  EXPECT_THAT(FormatProgress(line), testing::Not(testing::HasSubstr("left")));
  EXPECT_THAT(FormatProgress(line, 0, true), testing::StartsWith("step 120  "));
}

TEST(Progress, TellsTheTimeUntilTheLimitBesideTheTimeLeft) {
  ProgressLine line = SomeLine();
  line.limit_left = 7500;
  EXPECT_THAT(FormatProgress(line), testing::HasSubstr("left 1m50s  limit in 2h05m"));
}

TEST(Progress, ARunThatIsBoundedByEpochsHasABarToo) {
  ProgressLine line = SomeLine();
  line.last_step = 0;
  line.share = 0.999;
  EXPECT_THAT(FormatProgress(line, 0, true),
              testing::StartsWith("[###################.]  99%  step 120  "));
}

TEST(Progress, HasNoControlCharacters) {
  const std::string text = FormatProgress(SomeLine());
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
}

TEST(Progress, FitsAnyWidthByLeavingOutWhatMattersLeast) {
  for (const int columns : {20, 40, 60, 79, 100, 139}) {
    EXPECT_LE(FormatProgress(SomeLine(), columns, true).size(), static_cast<std::size_t>(columns));
  }
  const std::string narrow = FormatProgress(SomeLine(), 60, true);
  EXPECT_THAT(narrow, testing::HasSubstr("step 120/1000  "));
  EXPECT_THAT(narrow, testing::HasSubstr("loss 0.5"));
  EXPECT_THAT(narrow, testing::HasSubstr("left 1m50s"));
  EXPECT_THAT(narrow, testing::Not(testing::HasSubstr("GFLOP/s")));
}

TEST(Progress, OnlyALiveLineHasABar) {
  EXPECT_THAT(FormatProgress(SomeLine(), 0, true),
              testing::StartsWith("[##..................]  12%  step 120/1000"));
  EXPECT_THAT(FormatProgress(SomeLine()), testing::StartsWith("step 120/1000"));
}

}  // namespace
}  // namespace lockstep
