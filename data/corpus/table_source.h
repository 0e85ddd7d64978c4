// The interface from which the tables of shards come when rank 0 reads them for all ranks
// (implemented in trainer/evaluation/shared_tables.h).
#pragma once

#include <memory>
#include <vector>

#include "base/types.h"
#include "data/corpus/shard_tables.h"

namespace lockstep {

// For the main thread. All ranks must make the same calls in the same order.
class TableSource {
 public:
  virtual ~TableSource() = default;
  // Announces the shards that the next call of Fetch will ask for, so that reading can begin.
  virtual void Prepare(const std::vector<Index>& shards) = 0;
  // Collective. Returns the tables of these shards of the split, in this order.
  virtual std::vector<std::shared_ptr<const ShardTables>> Fetch(
      const std::vector<Index>& shards) = 0;
};

}  // namespace lockstep
