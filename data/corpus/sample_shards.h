// Looks up samples of a split by their ids: their names, and their inputs as stored. Opens one
// shard at a time, when it is needed.
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

  // The name of a sample; its id as text if the corpus has no names. Aborts for an id that is not
  // in the split. If ids come in ascending order, each shard is opened only once.
  std::string NameOf(std::uint64_t sample_id);
  // The verified inputs [steps, width] of a sample with real-valued inputs; valid until the next
  // call.
  std::span<const float> FeaturesOf(std::uint64_t sample_id);

 private:
  // Opens the shard of a sample unless it is already open; returns the sample's record in it.
  Index Open(std::uint64_t sample_id);

  std::string folder_;
  const CorpusInfo& info_;
  const SplitInfo& split_;
  std::unique_ptr<ShardReader> reader_;
  Index first_ = 0;  // index in the split of the first sample of the open shard
};

}  // namespace lockstep
