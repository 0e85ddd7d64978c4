// Where the tables of shards come from when one rank reads them for all
// (trainer/evaluation/shared_tables.h).
#pragma once

#include <memory>
#include <vector>

#include "base/types.h"
#include "data/corpus/shard_tables.h"

namespace lockstep {

// Used by the main thread, by all ranks alike: the same calls in the same order.
class TableSource {
 public:
  virtual ~TableSource() = default;
  // These are what Fetch will be asked for next, after a while.
  virtual void Prepare(const std::vector<Index>& shards) = 0;
  // Collective. The tables of these shards of the split, in this order.
  virtual std::vector<std::shared_ptr<const ShardTables>> Fetch(
      const std::vector<Index>& shards) = 0;
};

}  // namespace lockstep
