#include "launch/run/automatic_slots.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(AutomaticSlots, AreOneForFourSequences) {
  EXPECT_EQ(AutomaticSlots(64), 16);
  EXPECT_EQ(AutomaticSlots(256), 64);
}

TEST(AutomaticSlots, AreEightForSmallBatches) {
  EXPECT_EQ(AutomaticSlots(35), 8);
  EXPECT_EQ(AutomaticSlots(3), 8);
}

TEST(SettleSlots, KeepsWhatTheUserHasSet) {
  Config config;
  config.Set("batch.slots", "3", "test");
  SettleSlots(8, &config);
  EXPECT_EQ(config.Values().at("batch.slots"), "3");
}

TEST(SettleSlots, TakesWhatTheRunHadSoFar) {
  Config config;
  SettleSlots(8, &config);
  EXPECT_EQ(config.Values().at("batch.slots"), "8");
}

}  // namespace
}  // namespace lockstep
