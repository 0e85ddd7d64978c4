// The HDF5 side of a shard: makes the file that other programs open, and says where its arrays lie.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// What a shard is sized by.
struct ShardSizes {
  Index sequences = 0;
  Index steps = 0;
  Index targets = 0;
  Index name_bytes = 0;
};

// Creates (or replaces) the HDF5 file of a shard of these sizes: all datasets
// of docs/shard_format.md with their types and shapes, "format_version" filled in. The other arrays
// hold nothing of use until their bytes are written at the places that are returned.
ShardPlaces CreateShardSkeleton(const std::string& path, const CorpusInfo& info,
                                const ShardSizes& sizes);

}  // namespace lockstep
