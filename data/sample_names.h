// Names of samples by their ids, read shard by shard as they are asked for.
#pragma once

#include <memory>
#include <string>

#include "data/shard_reader.h"

namespace lockstep {

class SampleNames {
 public:
  // `info` and `split` must outlive it.
  SampleNames(std::string folder, const CorpusInfo& info, const SplitInfo& split);

  // The name, or the id as text where the corpus has no names. Ids in ascending order read each
  // shard once. Aborts for an id that is not of the split.
  std::string NameOf(std::uint64_t sample_id);

 private:
  void OpenShardOf(Index sample);

  std::string folder_;
  const CorpusInfo& info_;
  const SplitInfo& split_;
  std::unique_ptr<ShardReader> reader_;
  Index first_ = 0;  // sample of the split that the open shard begins with
};

}  // namespace lockstep
