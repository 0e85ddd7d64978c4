#include "launch/run/scoring_slots.h"

#include <gmock/gmock.h>

#include <cmath>

namespace lockstep {
namespace {

using testing::ElementsAre;

TEST(ScoringSlots, LongSequencesComeFirstAndEqualOnesKeepTheirOrder) {
  const Index lengths[] = {3, 9, 3, 1, 9};
  EXPECT_THAT(DealToSlots(lengths), ElementsAre(ElementsAre(1, 4, 0, 2, 3)));
  EXPECT_THAT(DealToSlots({}), ElementsAre());
}

TEST(ScoringSlots, ASlotHoldsNoMoreThanItMay) {
  const std::vector<Index> lengths(2 * kSequencesOfASlot + 1, 5);
  const auto slots = DealToSlots(lengths);
  ASSERT_EQ(slots.size(), 3u);
  EXPECT_EQ(slots[0].size(), static_cast<std::size_t>(kSequencesOfASlot));
  EXPECT_THAT(slots[2], ElementsAre(2 * kSequencesOfASlot));
}

TEST(ScoringSlots, BoundsAreThoseOfTheSlotsThemselves) {
  std::vector<SlotBatch> slots(2);
  slots[0].layout = PackedLayout({7});
  slots[1].layout = PackedLayout({4, 4});
  const SlotBounds per_sequence = BoundsOfSlots(slots, false);
  EXPECT_EQ(per_sequence.steps, 7);
  EXPECT_EQ(per_sequence.rows, 8);
  EXPECT_THAT(per_sequence.field_rows, ElementsAre(8, kSequencesOfASlot));
  EXPECT_THAT(per_sequence.longest, ElementsAre(7, 1));
  const SlotBounds per_step = BoundsOfSlots(slots, true);
  EXPECT_THAT(per_step.field_rows, ElementsAre(8, 8));
  EXPECT_THAT(per_step.longest, ElementsAre(7, 7));
}

TEST(BestClass, HasTheProbabilityOfSoftmax) {
  const float scores[] = {1.0F, 3.0F, 2.0F};
  const BestClass best = FindBestClass(scores);
  EXPECT_EQ(best.id, 1u);
  EXPECT_NEAR(best.probability, std::exp(3.0) / (std::exp(1.0) + std::exp(3.0) + std::exp(2.0)),
              1e-12);
}

TEST(BestClass, OfEqualOnesIsTheFirst) {
  const float scores[] = {-1e30F, 5.0F, 5.0F};  // also: large scores do not overflow
  const BestClass best = FindBestClass(scores);
  EXPECT_EQ(best.id, 1u);
  EXPECT_NEAR(best.probability, 0.5, 1e-12);
}

}  // namespace
}  // namespace lockstep
