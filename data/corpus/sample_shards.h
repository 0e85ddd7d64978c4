// Samples of a split by their ids: names, and inputs as they are stored. Shards are opened as they
// are asked for, one at a time.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "data/corpus/shard_reader.h"

namespace lockstep {

class SampleShards {
 public:
  // `info` and `split` must outlive it.
  SampleShards(std::string folder, const CorpusInfo& info, const SplitInfo& split);

  // The name, or the id as text where the corpus has no names. Ids in ascending order open each
  // shard once. Aborts for an id that is not of the split.
  std::string NameOf(std::uint64_t sample_id);
  // [steps, width] of a sample with real-valued inputs, verified; valid until the next call.
  std::span<const float> FeaturesOf(std::uint64_t sample_id);

 private:
  // Opens the shard of a sample when it is another one than before; the sample's record in it.
  Index Open(std::uint64_t sample_id);

  std::string folder_;
  const CorpusInfo& info_;
  const SplitInfo& split_;
  std::unique_ptr<ShardReader> reader_;
  Index first_ = 0;  // sample of the split that the open shard begins with
};

}  // namespace lockstep
