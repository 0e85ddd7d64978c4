#include "data/stream/sample_reads.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "base/counter_rng.h"
#include "tests/data/planned_split.h"

namespace lockstep {
namespace {

// Shards of 70 and 130 samples; the first 100 samples are of source 0, so its border is in a shard.
PlannedSplit TwoSources() {
  PlannedSplit split({std::vector<Index>(70, 5), std::vector<Index>(130, 5)});
  split.SetSources({100, 100});
  return split;
}

// The reads of all samples of the split in an epoch.
std::vector<Index> AllReads(const SampleReads& reads, const PlannedSplit& split, Index epoch) {
  std::vector<Index> all;
  std::vector<std::uint16_t> of_shard;
  for (Index shard = 0; shard < std::ssize(split.info().shards); ++shard) {
    reads.Draw(epoch, shard, &of_shard);
    all.insert(all.end(), of_shard.begin(), of_shard.end());
  }
  return all;
}

TEST(SampleReads, OfWholeWeightsAreExact) {
  const PlannedSplit split = TwoSources();
  const SampleReads reads(split.info(), {3, 0}, 1);
  EXPECT_FALSE(reads.all_once());
  for (Index epoch : {0, 1, 7}) {
    const std::vector<Index> all = AllReads(reads, split, epoch);
    for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(all[i], i < 100 ? 3 : 0);
  }
}

TEST(SampleReads, AreOneWithoutWeightsAndIfAllWeightsAreOne) {
  const PlannedSplit split = TwoSources();
  for (const std::vector<double>& weights : {std::vector<double>{}, {1, 1}}) {
    const SampleReads reads(split.info(), weights, 1);
    EXPECT_TRUE(reads.all_once());
    EXPECT_EQ(AllReads(reads, split, 0), std::vector<Index>(200, 1));
  }
}

// The definition, one number at a time.
TEST(SampleReads, OfAPartAreAFunctionOfSeedEpochAndSampleId) {
  PlannedSplit split = TwoSources();
  for (Index epoch : {0, 5}) {
    const std::vector<Index> all = AllReads(SampleReads(split.info(), {2.3, 0.6}, 9), split, epoch);
    const CounterRng rng(9, RandomPurpose::kSourceReads, static_cast<std::uint64_t>(epoch));
    for (std::size_t i = 0; i < 200; ++i) {
      const Index whole = i < 100 ? 2 : 0;
      EXPECT_EQ(all[i], whole + (rng.Uniform(i) < (i < 100 ? 2.3 - 2 : 0.6) ? 1 : 0));
    }
  }
  const SampleReads other_seed(split.info(), {2.3, 0.6}, 10);
  EXPECT_NE(AllReads(other_seed, split, 0),
            AllReads(SampleReads(split.info(), {2.3, 0.6}, 9), split, 0));
}

// The sum over n = 100 samples and E epochs is binomial with variance n E p (1 - p); five standard
// deviations are exceeded once in 1.7 million seeds. The same for one sample over all epochs.
TEST(SampleReads, AreTheWeightOnAverage) {
  constexpr Index kEpochs = 2000;
  constexpr double kDeviations = 5;
  const PlannedSplit split = TwoSources();
  const std::vector<double> weights = {0.25, 1.7};
  const SampleReads reads(split.info(), weights, 3);
  std::vector<double> sums(2, 0), of_one(2, 0);
  for (Index epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<Index> all = AllReads(reads, split, epoch);
    for (std::size_t i = 0; i < 200; ++i) sums[i / 100] += static_cast<double>(all[i]);
    for (std::size_t s = 0; s < 2; ++s) of_one[s] += static_cast<double>(all[100 * s + 42]);
  }
  for (std::size_t s = 0; s < 2; ++s) {
    const double p = weights[s] - std::floor(weights[s]), n = 100.0 * kEpochs;
    EXPECT_NEAR(sums[s], n * weights[s], kDeviations * std::sqrt(n * p * (1 - p)));
    EXPECT_NEAR(of_one[s], kEpochs * weights[s], kDeviations * std::sqrt(kEpochs * p * (1 - p)));
  }
}

TEST(SampleReads, CountsTheSamplesOfEachCopy) {
  PlannedSplit split = TwoSources();
  std::vector<Index> samples;
  SampleReads(split.info(), {3, 1}, 1).CountCopies(0, 1, &samples);
  EXPECT_EQ(samples, (std::vector<Index>{130, 30, 30}));
  SampleReads(split.info(), {0, 2}, 1).CountCopies(0, 0, &samples);
  EXPECT_TRUE(samples.empty());
  const SampleReads drawn(split.info(), {2.5, 0.5}, 1);
  std::vector<std::uint16_t> reads;
  drawn.Draw(4, 1, &reads);
  drawn.CountCopies(4, 1, &samples);
  ASSERT_EQ(samples.size(), 3u);
  for (Index copy = 0; copy < 3; ++copy) {
    EXPECT_EQ(samples[static_cast<std::size_t>(copy)],
              std::ranges::count_if(reads, [copy](Index count) { return count > copy; }));
  }
}

// Source 0 has 70 samples; source 1 is a joined corpus of 130 in shards of 60, 50 and 20.
PlannedSplit OneJoined(Index reads) {
  PlannedSplit split({std::vector<Index>(70, 5), std::vector<Index>(60, 5),
                      std::vector<Index>(50, 5), std::vector<Index>(20, 5)});
  split.SetSources({70, 130});
  split.SetJoinedReads({reads});
  return split;
}

TEST(SampleReads, OfAJoinedCorpusAreExactInEachEpoch) {
  for (const Index count : {1, 13, 64, 129, 130, 131, 400}) {
    const PlannedSplit split = OneJoined(count);
    const SampleReads reads(split.info(), {1, static_cast<double>(count) / 130}, 5);
    for (Index epoch = 0; epoch < 20; ++epoch) {
      const std::vector<Index> all = AllReads(reads, split, epoch);
      EXPECT_EQ(std::accumulate(all.begin() + 70, all.end(), Index{0}), count) << epoch;
      EXPECT_EQ(std::count(all.begin(), all.begin() + 70, 1), 70);
      for (std::size_t i = 70; i < 200; ++i) {
        EXPECT_GE(all[i], count / 130);
        EXPECT_LE(all[i], count / 130 + 1);
      }
    }
  }
}

// The definition in the header, by sorting: u, the share of each shard, the smallest numbers.
TEST(SampleReads, OfAJoinedCorpusAreAFunctionOfSeedEpochAndSampleId) {
  constexpr Index kReads = 200, kSamples = 130, kMore = kReads % kSamples;
  const PlannedSplit split = OneJoined(kReads);
  const SampleReads reads(split.info(), {1, 200.0 / 130}, 9);
  for (const Index epoch : {0, 4}) {
    const auto at = static_cast<std::uint64_t>(epoch);
    const CounterRng rng(9, RandomPurpose::kSourceReads, at);
    const auto u =
        static_cast<Index>(CounterRng(9, RandomPurpose::kSourceReads, at, 1).Below(200, kSamples));
    std::vector<Index> expected(200, 1);
    for (const auto& [begin, end] : {std::pair<Index, Index>{0, 60}, {60, 110}, {110, 130}}) {
      std::map<std::uint64_t, Index> by_number;
      for (Index i = begin; i < end; ++i)
        by_number[rng.Bits(static_cast<std::uint64_t>(70 + i))] = i;
      Index more = (end * kMore + u) / kSamples - (begin * kMore + u) / kSamples;
      for (const auto& [number, i] : by_number) {
        if (more-- > 0) ++expected[static_cast<std::size_t>(70 + i)];
      }
    }
    EXPECT_EQ(AllReads(reads, split, epoch), expected);
  }
}

// A sample is drawn with probability p = 1/5 in each of E epochs; five standard deviations.
TEST(SampleReads, OfAJoinedCorpusTakeAllSamplesAlike) {
  constexpr Index kEpochs = 2000;
  const PlannedSplit split = OneJoined(26);
  const SampleReads reads(split.info(), {1, 0.2}, 1);
  std::vector<double> sums(200, 0);
  for (Index epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<Index> all = AllReads(reads, split, epoch);
    for (std::size_t i = 0; i < 200; ++i) sums[i] += static_cast<double>(all[i]);
  }
  for (std::size_t i = 70; i < 200; ++i)
    EXPECT_NEAR(sums[i], kEpochs * 0.2, 5 * std::sqrt(kEpochs * 0.2 * 0.8)) << i;
}

TEST(MeanEpochSize, AddsTheSourcesWithTheirWeights) {
  CorpusInfo corpus;
  corpus.sources = {"a", "b"};
  corpus.splits["train"].sequences = 30;
  corpus.splits["train"].steps = 300;
  corpus.splits["train"].sources = {{0, 10, 120}, {1, 20, 180}};
  EXPECT_EQ(MeanEpochSize(corpus, {2.5, 0.5}).sequences, 35);
  EXPECT_EQ(MeanEpochSize(corpus, {2.5, 0.5}).steps, 390);
  EXPECT_EQ(MeanEpochSize(corpus, {}).steps, 300);
}

TEST(MostReads, IsTheLargestWeightRoundedUp) {
  EXPECT_EQ(MostReads({}), 1);
  EXPECT_EQ(MostReads({0.5, 0}), 1);
  EXPECT_EQ(MostReads({2, 0}), 2);
  EXPECT_EQ(MostReads({2.01, 1}), 3);
}

}  // namespace
}  // namespace lockstep
