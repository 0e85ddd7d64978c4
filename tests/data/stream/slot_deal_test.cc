#include "data/stream/slot_deal.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep {
namespace {

Index StepsOf(const std::vector<SampleRef>& slot) {
  Index steps = 0;
  for (const SampleRef& sample : slot) steps += sample.length;
  return steps;
}

TEST(DealToSlots, GivesSlotsOfEqualCostLongestFirst) {
  std::vector<SampleRef> samples;
  for (std::int32_t i = 0; i < 64; ++i) samples.push_back({0, i, 100 + (i * 37) % 64});
  const auto slots = DealToSlots(samples, 8);
  Index least = 1 << 20, most = 0;
  for (const std::vector<SampleRef>& slot : slots) {
    EXPECT_EQ(slot.size(), 8u);
    Index steps = 0;
    for (std::size_t i = 0; i < slot.size(); ++i) {
      steps += slot[i].length;
      EXPECT_GE(slot[i > 0 ? i - 1 : 0].length, slot[i].length);
    }
    least = std::min(least, steps);
    most = std::max(most, steps);
  }
  EXPECT_LE(most - least, 64) << "the spread of the lengths";
}

TEST(DealToSlots, FewerSequencesThanSlotsLeaveSlotsEmpty) {
  const auto slots = DealToSlots(std::vector<SampleRef>{{0, 0, 5}, {0, 1, 9}}, 4);
  ASSERT_EQ(slots.size(), 4u);
  EXPECT_EQ(slots[0].size(), 1u);
  EXPECT_EQ(slots[0][0].length, 9);
  EXPECT_EQ(slots[1].size(), 1u);
  EXPECT_TRUE(slots[2].empty());
  EXPECT_TRUE(slots[3].empty());
}

// Five of 6 and seven of 4 in four slots: longest first gives 16, 14, 14, 14; a swap cannot help,
// since each difference is 2 and so is the gap.
TEST(DealToSlots, StopsWhereNoSwapHelps) {
  std::vector<SampleRef> samples;
  for (std::int32_t i = 0; i < 12; ++i) samples.push_back({0, i, i < 5 ? 6 : 4});
  const auto slots = DealToSlots(samples, 4);
  Index most = 0;
  for (const auto& slot : slots) most = std::max(most, StepsOf(slot));
  EXPECT_EQ(most, 16);
}

// Longest first gives 3 + 2 + 2 and 3 + 2; a swap makes it 2 + 2 + 2 and 3 + 3.
TEST(DealToSlots, SwapsWhatLongestFirstLeavesUneven) {
  const auto slots =
      DealToSlots(std::vector<SampleRef>{{0, 0, 3}, {0, 1, 3}, {0, 2, 2}, {0, 3, 2}, {0, 4, 2}}, 2);
  EXPECT_EQ(StepsOf(slots[0]), 6);
  EXPECT_EQ(StepsOf(slots[1]), 6);
}

TEST(DealToSlots, NeverExceedsItsBounds) {
  for (Index count : {1, 5, 8, 9, 31, 60}) {
    std::vector<SampleRef> samples;
    Index longest = 0;
    for (std::int32_t i = 0; i < count; ++i) {
      samples.push_back({0, i, 1 + (i * 7919 + i * i) % 97});
      longest = std::max(longest, samples.back().length);
    }
    const Index room = (count + 7) / 8;
    for (const auto& slot : DealToSlots(samples, 8)) {
      EXPECT_LE(static_cast<Index>(slot.size()), room);
      EXPECT_LE(StepsOf(slot), room * longest);
      EXPECT_TRUE(std::is_sorted(slot.begin(), slot.end(),
                                 [](auto& a, auto& b) { return a.length > b.length; }));
    }
  }
}

}  // namespace
}  // namespace lockstep
