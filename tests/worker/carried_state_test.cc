#include "worker/carried_state.h"

#include <gtest/gtest.h>

#include <limits>

namespace lockstep {
namespace {

// Two layers of an LSTM with 3 units: 4 states of a sequence.
constexpr StateShape kShape{.arrays = 4, .width = 3};
constexpr Index kSlotSize = 4 * 2 * 3;

TEST(CarriedState, StartsNewSequencesFromZeroAndLaterPartsFromWhatWasLeft) {
  CarriedState carried(kShape, 2, 2);
  carried.BeginPart(true);
  EXPECT_EQ(carried.Begin(1).initial, nullptr);
  std::fill(carried.left().begin(), carried.left().end(), 7.0f);
  carried.BeginPart(false);
  const CarriedStates<float> states = carried.Begin(1);
  for (Index i = 0; i < kSlotSize; ++i) {
    EXPECT_EQ(states.initial[i], 7);
    EXPECT_EQ(states.final[i], 0);
  }
  EXPECT_EQ(carried.InitialOf(1).initial, states.initial) << "until the next part begins";
  carried.BeginPart(true);
  EXPECT_EQ(carried.InitialOf(1).initial, nullptr);
}

TEST(CarriedState, ForgetsAllOfASequenceOfWhichAValueIsNotFinite) {
  CarriedState carried(kShape, 2, 2);
  std::fill(carried.left().begin(), carried.left().end(), 7.0f);
  // Slot 1, state 2, sequence 1, unit 0.
  carried.left()[kSlotSize + (2 * 2 + 1) * 3] = std::numeric_limits<float>::quiet_NaN();
  carried.ForgetLost(0);
  carried.ForgetLost(1);
  for (Index i = 0; i < 2 * kSlotSize; ++i) {
    const bool lost = i >= kSlotSize && i / 3 % 2 == 1;
    EXPECT_EQ(carried.left()[static_cast<std::size_t>(i)], lost ? 0 : 7) << i;
  }
}

TEST(CarriedState, TakesNothingWhereNothingIsCarried) {
  CarriedState carried(kShape, 2, 0);
  carried.BeginPart(false);
  EXPECT_EQ(carried.Begin(1).initial, nullptr);
  EXPECT_EQ(carried.Begin(1).final, nullptr);
  carried.ForgetLost(1);
  EXPECT_EQ(carried.bytes(), 0);
}

}  // namespace
}  // namespace lockstep
