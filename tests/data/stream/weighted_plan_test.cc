// Plans of epochs in which sources have weights, compared with a list of all reads made by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/data/planned_split.h"

namespace lockstep {
namespace {

// Shards of 20 to 22 samples with 1 to 40 steps; the first third of the samples is of source 0.
PlannedSplit Shards(Index shards) {
  std::vector<std::vector<Index>> lengths(static_cast<std::size_t>(shards));
  for (Index s = 0; s < shards; ++s) {
    for (Index r = 0; r < 20 + s % 3; ++r) {
      lengths[static_cast<std::size_t>(s)].push_back(1 + (s * 31 + r * 17) % 40);
    }
  }
  PlannedSplit split(lengths);
  split.SetSources({split.sequences() / 3, split.sequences() - split.sequences() / 3});
  return split;
}

PlanOptions Options(const std::vector<double>& weights, Index window = 50) {
  return {1, 16, 8, window, true, weights};
}

// How often an epoch of a plan uses each copy of each sample, as (shard, record, copy).
using Uses = std::map<std::tuple<Index, Index, Index>, int>;
Uses UsesOf(EpochPlan* plan, Index epoch) {
  Uses uses;
  for (Index step = 0; step < plan->StepsInEpoch(epoch); ++step) {
    const PlannedBatch batch = plan->BatchAt({epoch, step});
    EXPECT_LE(batch.sequences, 16);
    EXPECT_GE(batch.sequences, 1);
    for (const auto& slot : batch.slots) {
      for (const SampleRef& s : slot) ++uses[{s.shard, s.record, s.copy}];
    }
  }
  return uses;
}

// The same as a simple list: sample by sample, copy by copy.
Uses ListOf(const PlannedSplit& split, const std::vector<double>& weights, Index epoch) {
  const SampleReads reads(split.info(), weights, 1);
  Uses uses;
  std::vector<std::uint16_t> of_shard;
  for (Index shard = 0; shard < std::ssize(split.info().shards); ++shard) {
    reads.Draw(epoch, shard, &of_shard);
    for (Index record = 0; record < std::ssize(of_shard); ++record) {
      for (Index c = 0; c < of_shard[static_cast<std::size_t>(record)]; ++c) {
        uses[{shard, record, c}] = 1;
      }
    }
  }
  return uses;
}

TEST(WeightedPlan, ReadsWhatTheListSays) {
  for (const std::vector<double>& weights :
       {std::vector<double>{2, 1}, {0, 1}, {0.3, 1}, {2.5, 0.4}, {7, 0.01}, {0, 0.02}}) {
    for (Index window : {1, 50, 100000}) {
      PlannedSplit split = Shards(6);
      EpochPlan plan = split.Plan(Options(weights, window));
      for (Index epoch : {0, 1, 9}) {
        EXPECT_EQ(UsesOf(&plan, epoch), ListOf(split, weights, epoch)) << window;
      }
    }
  }
}

TEST(WeightedPlan, WithAllWeightsOneIsThePlanWithoutWeights) {
  PlannedSplit split = Shards(6);
  EpochPlan plain = split.Plan(Options({})), ones = split.Plan(Options({1, 1}));
  for (Index step = 0; step < plain.StepsInEpoch(2); ++step) {
    const PlannedBatch batch = plain.BatchAt({2, step}), same = ones.BatchAt({2, step});
    ASSERT_EQ(batch.slots.size(), same.slots.size());
    for (std::size_t s = 0; s < batch.slots.size(); ++s) {
      EXPECT_TRUE(std::ranges::equal(batch.slots[s], same.slots[s], {}, &SampleRef::record,
                                     &SampleRef::record));
    }
  }
}

TEST(WeightedPlan, DoesNotDependOnTheWayToAPosition) {
  PlannedSplit split = Shards(6);
  EpochPlan in_order = split.Plan(Options({2.5, 0.4})), jumping = split.Plan(Options({2.5, 0.4}));
  for (Index step = 0; step < in_order.StepsInEpoch(1); ++step) {
    jumping.BatchAt({0, 0});
    const PlannedBatch a = in_order.BatchAt({1, step}), b = jumping.BatchAt({1, step});
    for (std::size_t s = 0; s < a.slots.size(); ++s) {
      EXPECT_TRUE(
          std::ranges::equal(a.slots[s], b.slots[s], {}, &SampleRef::record, &SampleRef::record));
    }
  }
}

// Only a batch at the border of two groups may have two copies of a sample.
TEST(WeightedPlan, SpreadsTheCopiesOfASampleOverBatches) {
  PlannedSplit split = Shards(6);
  EpochPlan plan = split.Plan(Options({4, 1}, 100000));
  Index twice = 0, samples = 0;
  for (Index step = 0; step < plan.StepsInEpoch(0); ++step) {
    std::set<std::pair<Index, Index>> seen;
    for (const auto& slot : plan.BatchAt({0, step}).slots) {
      for (const SampleRef& s : slot) {
        twice += seen.insert({s.shard, s.record}).second ? 0 : 1;
        ++samples;
      }
    }
  }
  EXPECT_LT(twice * 10, samples);
}

// The plan and the tables of a window stay within the bound that memory is computed from.
TEST(WeightedPlan, BoundsWindowsByReadsAndByRecords) {
  PlannedSplit split = Shards(40);
  for (const std::vector<double>& weights : {std::vector<double>{30, 1}, {0.01, 0.02}}) {
    const EpochPlan plan = split.Plan(Options(weights));
    for (const EpochPlan::Window& window : plan.WindowsOf(3)) {
      EXPECT_LE(window.sequences, 50 - 1 + 22);
      EXPECT_LE(window.records, 50 - 1 + 22);
      EXPECT_GT(window.last_step, window.first_step);
    }
  }
}

TEST(WeightedPlan, SkipsEpochsWithoutASample) {
  PlannedSplit split(std::vector<std::vector<Index>>{{3, 4}});
  split.SetSources({2});
  EpochPlan plan = split.Plan(Options({0.2}));
  Index empty = 0;
  for (Index epoch = 0; epoch < 30; ++epoch) {
    const Cursor cursor = plan.Normalised({epoch, 0});
    EXPECT_GT(plan.StepsInEpoch(cursor.epoch), 0);
    empty += plan.StepsInEpoch(epoch) == 0 ? 1 : 0;
    EXPECT_TRUE(plan.StepsInEpoch(epoch) == 0 || cursor == (Cursor{epoch, 0}));
  }
  EXPECT_GT(empty, 0);
}

}  // namespace
}  // namespace lockstep
