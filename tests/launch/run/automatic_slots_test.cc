#include "launch/run/automatic_slots.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(AutomaticSlots, AreOneForFourSequences) {
  EXPECT_EQ(AutomaticSlots(64, 1), 16);
  EXPECT_EQ(AutomaticSlots(64, 16), 16);
  EXPECT_EQ(AutomaticSlots(256, 64), 64);
}

TEST(AutomaticSlots, DoNotStopANodeOfManyCores) {
  EXPECT_EQ(AutomaticSlots(64, 17), 32);
  EXPECT_EQ(AutomaticSlots(64, 64), 64);
}

TEST(AutomaticSlots, AreEightForSmallBatches) {
  EXPECT_EQ(AutomaticSlots(35, 1), 8);
  EXPECT_EQ(AutomaticSlots(3, 8), 8);
  EXPECT_EQ(AutomaticSlots(3, 9), 16);
}

TEST(SettleSlots, KeepsWhatTheUserHasSet) {
  Config config;
  config.Set("batch.slots", "3", "test");
  SettleSlots(16, 8, &config);
  EXPECT_EQ(config.Values().at("batch.slots"), "3");
}

TEST(SettleSlots, TakesWhatTheRunHadSoFar) {
  Config config;
  SettleSlots(2, 8, &config);
  EXPECT_EQ(config.Values().at("batch.slots"), "8");
}

}  // namespace
}  // namespace lockstep
