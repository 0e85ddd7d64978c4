// Sums of gradients of which a table has few touched rows, against sums of which every element is
// cleared and added.
#include "worker/gradient_sums.h"

#include <gtest/gtest.h>

#include "base/counter_rng.h"
#include "base/thread_team.h"

namespace lockstep {
namespace {

// 64 elements, a table of 300 rows of 7 that begins and ends within blocks, and 200 elements.
constexpr RowTable kTable{.begin = 64, .width = 7, .rows = 300, .field = 0};
constexpr Index kElements = 3072, kGrain = 128;

std::vector<SlotBatch> Slots(SlotRange range, Index step) {
  std::vector<SlotBatch> slots;
  for (Index slot = range.first; slot < range.last; ++slot) {
    const CounterRng rng(3, RandomPurpose::kTest, static_cast<std::uint64_t>(step * 100 + slot));
    SlotBatch batch;
    batch.fields.resize(1);
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(slot % 4) * 5; ++i)
      batch.fields[0].ids.push_back(static_cast<std::int32_t>(rng.Below(i, kTable.rows)));
    slots.push_back(std::move(batch));
  }
  return slots;
}

// Adds what backward of a slot would: something everywhere but in the table, and to touched rows.
void AddGradient(const SlotBatch& batch, Index step, Index slot, float* gradient) {
  const CounterRng rng(4, RandomPurpose::kTest, static_cast<std::uint64_t>(step * 100 + slot));
  const auto add = [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      gradient[i] += static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  };
  add(0, kTable.begin);
  add(kTable.end(), kElements);
  for (const std::int32_t row : batch.fields[0].ids)
    add(kTable.begin + row * kTable.width, kTable.begin + (row + 1) * kTable.width);
}

class Sums {
 public:
  Sums(Index slots, SlotRange range, int members, const RowTable& table)
      : slots_(slots),
        range_(range),
        team_(members),
        plan_({{2048, kElements}, {0, 2048}}, kElements, 1,
              {.grain = kGrain, .most_per_rank = 512, .least = 128}),
        sums_(slots, range, members, kElements, table) {
    team_.Run([&](int member) { sums_.TakeMemory(member); });
  }
  // The sums of the rank's subtrees after a step, one after another.
  std::vector<float> Step(Index step) {
    const std::vector<SlotBatch> slots = Slots(range_, step);
    sums_.Begin(plan_, slots);
    team_.Run([&](int member) {
      const SlotRange mine = sums_.range(member);
      for (Index slot = mine.first; slot < mine.last; ++slot) {
        float* const gradient = sums_.Take(member, slot);
        AddGradient(slots[static_cast<std::size_t>(slot - range_.first)], step, slot, gradient);
        if (slot + 1 < mine.last) sums_.Add(member, slot);
        if (slot + 1 == mine.last) sums_.FinishStage(member, 0);
      }
      sums_.FinishAll(member);
    });
    std::vector<float*> subtrees;
    sums_.GetSubtrees(&subtrees);
    std::vector<float> all;
    for (float* const sum : subtrees) {
      all.insert(all.end(), sum, sum + kElements);
      if (range_.size() < slots_) std::fill_n(sum, kElements, 7.0f);  // as the reducer may
    }
    return all;
  }
  void Spoil() { std::ranges::fill(sums_.Scratch(0), 9.0f); }

 private:
  Index slots_;
  SlotRange range_;
  ThreadTeam team_;
  PiecePlan plan_;
  GradientSums sums_;
};

// Known by counting: of 6 slots, a rank with 3 to 5 holds 3, then 4 beside it, whose right
// neighbour is 5.
TEST(GradientSums, SayHowManyBuffersTheyWillTake) {
  EXPECT_EQ(GradientSums::Buffers(6, {0, 3}, 1), 2);
  EXPECT_EQ(GradientSums::Buffers(6, {3, 6}, 1), 3);
  for (const int ranks : {1, 2, 3, 5}) {
    for (const int members : {1, 2, 3}) {
      for (int rank = 0; rank < ranks; ++rank) {
        const SlotRange range = DealSlots(32, rank, ranks);
        GradientSums sums(32, range, members, kElements);
        for (int member = 0; member < members; ++member) sums.TakeMemory(member);
        const auto buffers = GradientSums::Buffers(32, range, members);
        EXPECT_EQ(sums.bytes(), buffers * kElements * Index{sizeof(float)}) << rank << " " << ranks;
      }
    }
  }
}

TEST(GradientSums, OfTouchedRowsAreTheSumsOfAllRows) {
  for (const SlotRange range : {SlotRange{0, 8}, SlotRange{0, 5}, SlotRange{3, 8}}) {
    for (const int members : {1, 2, 3}) {
      Sums rows(8, range, members, kTable), whole(8, range, members, {});
      for (Index step = 0; step < 4; ++step) {
        if (step == 2) rows.Spoil();
        EXPECT_TRUE(rows.Step(step) == whole.Step(step))
            << range.first << " to " << range.last << ", " << members << " members, step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace lockstep
