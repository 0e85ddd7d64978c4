#include "data/stream/epoch_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/data/planned_split.h"

namespace lockstep {
namespace {

PlannedSplit Shards(Index shards, Index records) {
  std::vector<std::vector<Index>> lengths(static_cast<std::size_t>(shards));
  for (Index s = 0; s < shards; ++s) {
    for (Index r = 0; r < records + s % 3; ++r) {
      lengths[static_cast<std::size_t>(s)].push_back(1 + (s * 31 + r * 17) % 40);
    }
  }
  return PlannedSplit(lengths);
}

using SampleKey = std::pair<std::int32_t, std::int32_t>;

std::vector<SampleKey> KeysOf(const PlannedBatch& batch) {
  std::vector<SampleKey> keys;
  for (const auto& slot : batch.slots) {
    for (const SampleRef& sample : slot) keys.emplace_back(sample.shard, sample.record);
  }
  return keys;
}

struct Size {
  Index shards, records, batch, slots, window;
};

TEST(EpochPlan, UsesEachSampleOnceAnEpoch) {
  for (const Size& size : {Size{1, 1, 64, 8, 10}, Size{1, 100, 7, 3, 1000}, Size{5, 20, 16, 8, 50},
                           Size{9, 13, 64, 8, 30}, Size{4, 8, 1, 1, 1}, Size{3, 5, 100, 64, 5}}) {
    PlannedSplit split = Shards(size.shards, size.records);
    EpochPlan plan = split.Plan({1, size.batch, size.slots, size.window, true});
    for (Index epoch : {0, 1, 5}) {
      std::map<SampleKey, int> uses;
      for (Index step = 0; step < plan.StepsInEpoch(epoch); ++step) {
        const PlannedBatch batch = plan.BatchAt({epoch, step});
        EXPECT_LE(batch.sequences, size.batch);
        EXPECT_EQ(static_cast<Index>(batch.slots.size()), size.slots);
        for (const SampleKey& key : KeysOf(batch)) ++uses[key];
      }
      EXPECT_EQ(static_cast<Index>(uses.size()), split.sequences());
      for (const auto& [key, count] : uses) EXPECT_EQ(count, 1);
    }
  }
}

TEST(EpochPlan, CountsSequencesAndStepsOfABatch) {
  PlannedSplit split({{3, 4, 5}, {6}});
  EpochPlan plan = split.Plan({1, 10, 2, 100, true});
  ASSERT_EQ(plan.StepsInEpoch(0), 1);
  const PlannedBatch batch = plan.BatchAt({0, 0});
  EXPECT_EQ(batch.sequences, 4);
  EXPECT_EQ(batch.steps, 18);
}

TEST(EpochPlan, IsAFunctionOfSeedAndEpochNotOfTheWayThere) {
  PlannedSplit split = Shards(6, 30);
  const PlanOptions options{7, 8, 4, 60, true};
  EpochPlan in_order = split.Plan(options);
  EpochPlan jumping = split.Plan(options);
  for (Index epoch = 0; epoch < 3; ++epoch) {
    for (Index step = 0; step < in_order.StepsInEpoch(epoch); ++step) {
      jumping.BatchAt({2 - epoch, 0});
      EXPECT_EQ(KeysOf(in_order.BatchAt({epoch, step})), KeysOf(jumping.BatchAt({epoch, step})));
    }
  }
}

TEST(EpochPlan, ChangesWithSeedAndEpoch) {
  PlannedSplit split = Shards(6, 30);
  EpochPlan plan = split.Plan({7, 8, 4, 60, true});
  EpochPlan other_seed = split.Plan({8, 8, 4, 60, true});
  EXPECT_NE(KeysOf(plan.BatchAt({0, 0})), KeysOf(plan.BatchAt({1, 0})));
  EXPECT_NE(KeysOf(plan.BatchAt({0, 0})), KeysOf(other_seed.BatchAt({0, 0})));
}

TEST(EpochPlan, PutsSequencesOfLikeLengthTogether) {
  PlannedSplit split = Shards(4, 100);
  EpochPlan plan = split.Plan({1, 10, 1, 10000, true});  // one slot: no batch needs all lengths
  std::vector<std::pair<Index, Index>> ranges;           // shortest and longest of each batch
  for (Index step = 0; step < plan.StepsInEpoch(0); ++step) {
    Index shortest = 1000, longest = 0;
    for (const auto& slot : plan.BatchAt({0, step}).slots) {
      for (const SampleRef& sample : slot) {
        shortest = std::min(shortest, sample.length);
        longest = std::max(longest, sample.length);
      }
    }
    ranges.emplace_back(shortest, longest);
  }
  EXPECT_FALSE(std::is_sorted(ranges.begin(), ranges.end())) << "batches are shuffled";
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    EXPECT_GE(ranges[i].first, ranges[i - 1].first);
    EXPECT_LE(ranges[i - 1].second, ranges[i].second);
  }
}

TEST(EpochPlan, CutsAWindowIntoBatchesOfWholeSlots) {
  PlannedSplit split = Shards(1, 70);
  EpochPlan plan = split.Plan({1, 32, 8, 10000, true});
  std::vector<Index> sizes;
  for (Index step = 0; step < plan.StepsInEpoch(0); ++step) {
    sizes.push_back(plan.BatchAt({0, step}).sequences);
  }
  std::sort(sizes.begin(), sizes.end());
  EXPECT_EQ(sizes, (std::vector<Index>{22, 24, 24}));
}

TEST(EpochPlan, WithoutShuffleKeepsTheOrderOfTheCorpus) {
  PlannedSplit split = Shards(3, 10);
  EpochPlan plan = split.Plan({1, 4, 1, 1000, false});
  std::vector<SampleKey> keys;
  for (Index step = 0; step < plan.StepsInEpoch(0); ++step) {
    std::vector<SampleKey> batch = KeysOf(plan.BatchAt({0, step}));
    std::sort(batch.begin(), batch.end());  // within a slot the longest is first
    keys.insert(keys.end(), batch.begin(), batch.end());
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

TEST(EpochPlan, ReadsEachShardOnceAnEpoch) {
  PlannedSplit split = Shards(9, 20);
  EpochPlan plan = split.Plan({1, 8, 4, 40, true});
  for (Index step = 0; step < plan.StepsInEpoch(0); ++step) plan.BatchAt({0, step});
  EXPECT_EQ(split.asked(), 9);
}

}  // namespace
}  // namespace lockstep
