// Names the samples whose loss or gradient was not finite in a skipped step, so that the user can
// look at them.
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
  std::string host;  // the host of that rank
};

// The findings about one skipped step.
struct SkippedSamples {
  std::vector<SkippedSample> samples;  // in the order of slots; the first kMost of them
  bool more = false;                   // there are more than kMost
  // Ranks ("rank 1 on node3") whose loss was not finite at first, but finite when it was computed
  // again: faulty hardware.
  std::vector<std::string> faulty;

  static constexpr std::size_t kMost = 10;

  // "sample 17 (corpus/train-00000.h5, record 17; rank 1 on node3), ..."; of more than kMost
  // samples only the first, because then the model and not the data is at fault.
  std::string Describe(const std::string& corpus_folder) const;
};

// What one rank knows about a skipped step.
struct SkippedOnRank {
  std::vector<std::uint64_t> samples;  // not finite when computed again; at most kMost + 1
  bool loss_was_finite = true;         // in the step itself
};

// Collective. Collects the findings of all ranks; the result is on rank 0 only, and only rank 0
// needs `hosts`. The samples do not depend on the number of ranks.
SkippedSamples GatherSkipped(const Communicator& comm, std::span<const std::string> hosts,
                             const SplitInfo& split, const SkippedOnRank& mine);

}  // namespace lockstep
