#include "trainer/watch/time_limit.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

constexpr Index kMegabyte = 1'000'000;

TimeLimit Limit(double seconds, double margin_seconds, Index state_bytes = 0) {
  return {{.started_at = 1000, .seconds = seconds, .margin_seconds = margin_seconds}, state_bytes};
}

void EndSteps(TimeLimit* limit, int count, double seconds) {
  for (int i = 0; i <= count; ++i) limit->EndStep(5000 + i * seconds);
}

TEST(TimeLimit, NoneIsNeverNear) {
  const TimeLimit limit = Limit(0, 60);
  EXPECT_FALSE(limit.exists());
  EXPECT_FALSE(limit.IsNear(1e12));
}

TEST(TimeLimit, IsNearFromTheMarginOn) {
  const TimeLimit limit = Limit(3600, 60);
  EXPECT_FALSE(limit.IsNear(1000 + 3600 - 60.1));
  EXPECT_TRUE(limit.IsNear(1000 + 3600 - 59.9));
}

TEST(TimeLimit, AShortOneHasLessToSpare) {
  EXPECT_DOUBLE_EQ(Limit(30, 60).margin(), 3);
  EXPECT_DOUBLE_EQ(Limit(30, 1).margin(), 1);
}

TEST(TimeLimit, BeforeTheFirstSaveTheDiskCountsAsSlow) {
  EXPECT_DOUBLE_EQ(Limit(3600, 60, 500 * kMegabyte).margin(), 60 + 2 * 5);
}

TEST(TimeLimit, TheLongestSaveCountsTwice) {
  TimeLimit limit = Limit(3600, 60, 500 * kMegabyte);
  limit.AddSave(1);
  EXPECT_DOUBLE_EQ(limit.margin(), 60 + 2 * 1);
  limit.AddSave(7);
  limit.AddSave(2);
  EXPECT_DOUBLE_EQ(limit.margin(), 60 + 2 * 7);
}

TEST(TimeLimit, TenMedianStepsAreLeft) {
  TimeLimit limit = Limit(3600, 60);
  EndSteps(&limit, 40, 2);
  EXPECT_DOUBLE_EQ(limit.margin(), 60 + 10 * 2);
}

TEST(TimeLimit, OneLongStepSuchAsAValidationIsNoMedian) {
  TimeLimit limit = Limit(3600, 60);
  EndSteps(&limit, 40, 2);
  limit.EndStep(5000 + 80 + 600);
  EXPECT_DOUBLE_EQ(limit.margin(), 60 + 10 * 2);
}

TEST(TimeLimit, OldStepsAreForgotten) {
  TimeLimit limit = Limit(3600, 60);
  EndSteps(&limit, 1000, 2);
  EndSteps(&limit, 100, 3);
  EXPECT_DOUBLE_EQ(limit.margin(), 60 + 10 * 3);
}

}  // namespace
}  // namespace lockstep
