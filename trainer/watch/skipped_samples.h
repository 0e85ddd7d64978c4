// The samples whose loss or gradient was not finite, named so that one can look at them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct SkippedSample {
  std::uint64_t id = 0;
  RecordPlace place;
  int rank = 0;
  std::string host;  // of the rank
};

// Of one skipped step.
struct SkippedSamples {
  std::vector<SkippedSample> samples;  // in the order of slots, the first kMost
  bool more = false;
  // "rank 1 on node3" that had a loss which was not finite, and a finite one the second time.
  std::vector<std::string> faulty;

  static constexpr std::size_t kMost = 10;

  // "sample 17 (corpus/train-00000.h5, record 17; rank 1 on node3), ... and more".
  std::string Describe(const std::string& corpus_folder) const;
};

// What a rank knows of a skipped step.
struct SkippedOnRank {
  std::vector<std::uint64_t> samples;  // not finite, of a second look: at most kMost + 1
  bool loss_was_finite = true;         // the first time
};

// Collective. Of all ranks, on rank 0, which alone needs `hosts`. The samples are the same on any
// number of ranks.
SkippedSamples GatherSkipped(const Communicator& comm, std::span<const std::string> hosts,
                             const SplitInfo& split, const SkippedOnRank& mine);

}  // namespace lockstep
