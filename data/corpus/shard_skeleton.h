// Makes the HDF5 file of a shard, without its values, and finds the offsets of its arrays.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// The names of the datasets of a field: its values, their checksums, and the offsets of the records
// if the length of the field is stored (HasOwnLength).
struct DatasetNames {
  std::string values, checksums, offsets;
};
DatasetNames DatasetsOf(const CorpusInfo& info, std::size_t f);

// Creates (or replaces) the HDF5 file of a shard with the counts of `shard`: all datasets of
// docs/shard_format.md with their types and shapes. "format_version" is filled in; the other arrays
// hold garbage, and the caller must write their bytes at the offsets that are returned.
ShardPlaces CreateShardSkeleton(const std::string& path, const CorpusInfo& info,
                                const ShardInfo& shard);

}  // namespace lockstep
