// The HDF5 side of a shard: makes the file that other programs open, and says where its arrays lie.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// The names of the datasets of a field: its values, their checksums, and where the field has a
// length of its own the offsets of the records.
struct DatasetNames {
  std::string values, checksums, offsets;
};
DatasetNames DatasetsOf(const CorpusInfo& info, std::size_t f);

// Creates (or replaces) the HDF5 file of a shard with the counts of `shard`: all datasets
// of docs/shard_format.md with their types and shapes, "format_version" filled in. The other arrays
// hold nothing of use until their bytes are written at the places that are returned.
ShardPlaces CreateShardSkeleton(const std::string& path, const CorpusInfo& info,
                                const ShardInfo& shard);

}  // namespace lockstep
