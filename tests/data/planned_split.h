// A split for plans: lengths only, no file.
#pragma once

#include <numeric>
#include <utility>
#include <vector>

#include "data/stream/epoch_plan.h"

namespace lockstep {

// A split that exists in memory only: `shards` gives the lengths of the records of each shard.
class PlannedSplit {
 public:
  explicit PlannedSplit(std::vector<std::vector<Index>> shards) : shards_(std::move(shards)) {
    for (const std::vector<Index>& lengths : shards_) {
      ShardInfo shard;
      shard.sequences = static_cast<Index>(lengths.size());
      shard.steps = std::accumulate(lengths.begin(), lengths.end(), Index{0});
      info_.sequences += shard.sequences;
      info_.steps += shard.steps;
      info_.shards.push_back(shard);
    }
  }
  EpochPlan Plan(const PlanOptions& options) {
    return EpochPlan(info_, options, [this](Index, Index shard) {
      ++asked_;
      return shards_[static_cast<std::size_t>(shard)];
    });
  }
  // Says that so many samples after each other are of source 0, the next ones of source 1, ...
  void SetSources(const std::vector<Index>& sequences) {
    for (const Index count : sequences) {
      info_.sources.push_back({std::ssize(info_.sources), count, count});
    }
  }
  // Says that the last sources are joined corpora with so many reads per epoch.
  void SetJoinedReads(std::vector<Index> reads) { info_.joined_reads = std::move(reads); }
  const SplitInfo& info() const { return info_; }
  Index sequences() const { return info_.sequences; }
  int asked() const { return asked_; }

 private:
  std::vector<std::vector<Index>> shards_;
  SplitInfo info_;
  int asked_ = 0;
};

}  // namespace lockstep
