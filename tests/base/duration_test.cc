#include "base/duration.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(Duration, IsReadAsPeopleAndSlurmWriteIt) {
  EXPECT_EQ(SecondsFromText("0"), 0);
  EXPECT_EQ(SecondsFromText("90"), 90);
  EXPECT_EQ(SecondsFromText("2.5"), 2.5);
  EXPECT_EQ(SecondsFromText("90s"), 90);
  EXPECT_EQ(SecondsFromText("90m"), 5400);
  EXPECT_EQ(SecondsFromText("4h"), 14400);
  EXPECT_EQ(SecondsFromText("2d"), 172800);
  EXPECT_EQ(SecondsFromText("1h30m"), 5400);
  EXPECT_EQ(SecondsFromText("15:00"), 900);
  EXPECT_EQ(SecondsFromText("3:55:00"), 14100);
  EXPECT_EQ(SecondsFromText("1-12:00:00"), 129600);
}

TEST(Duration, WhatIsNoDurationIsNothing) {
  for (const char* text : {"", "-1", "h", "4x", "4h4h", "30m1h", "1h30", "1:2:3:4", "1:60", "1:",
                           ":1", "1-2", "1-12:00", "nan", "inf", "1e300", "1e3", " 1", "1 "}) {
    EXPECT_FALSE(SecondsFromText(text).has_value()) << '"' << text << '"';
  }
}

TEST(Duration, IsShownInItsTwoLargestUnits) {
  EXPECT_EQ(DurationText(-3), "0s");
  EXPECT_EQ(DurationText(59.9), "59s");
  EXPECT_EQ(DurationText(61), "1m01s");
  EXPECT_EQ(DurationText(14100), "3h55m");
}

}  // namespace
}  // namespace lockstep
