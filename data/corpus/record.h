// What one record of a shard must be: the checksum that vouches for its bytes, and the range of its
// values. Writer and reader call the same functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Bytes of one row of a field.
Index RowBytes(const Field& field);

// XXH3 of (XXH3 of the bytes, sample id): a record that was moved to another sample does not match.
std::uint64_t RecordChecksum(std::span<const std::byte> bytes, std::uint64_t sample_id);

// The first value of a record that is not allowed.
struct BadValue {
  Index row = 0;
  std::string found;
  std::string allowed;
};

// Looks at one record of field `f` of the schema, of a sample with `steps` steps. Ids must be below
// the number of names; a target with one row per step or per sequence may be ignored
// (kIgnoredTarget); labels of a list are at least 1, as 0 is the blank. Real inputs must be finite;
// a real target may be missing (not a number), but not infinite. A record of lists per step begins
// with the length of each list.
std::optional<BadValue> FindBadValue(const Schema& schema, std::size_t f,
                                     std::span<const std::byte> bytes, Index steps);

}  // namespace lockstep
