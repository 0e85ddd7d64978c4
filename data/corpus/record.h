// The rules for one record of a shard: its checksum and the values that are allowed. Writer and
// reader use the same functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// The bytes of one row of a field.
Index RowBytes(const Field& field);

// The checksum of a record: XXH3 of (XXH3 of the bytes, sample id). It includes the sample id, so
// that a record that was moved to another sample does not match.
std::uint64_t RecordChecksum(std::span<const std::byte> bytes, std::uint64_t sample_id);

// A value of a record that is not allowed.
struct BadValue {
  Index row = 0;
  std::string found;
  std::string allowed;
};

// Finds the first value that is not allowed in a record of field `f` of the schema. The sample has
// `steps` steps. Ids must be less than the number of names; a target with one row per step or per
// sequence may also be ignored (kIgnoredTarget); labels of a list must be at least 1, because 0 is
// the blank. Real inputs must be finite; a real target may be missing (NaN), but not infinite. A
// record with one list per step begins with the lengths of the lists. Known targets of neighbouring
// steps must have the order that their vocabulary allows.
std::optional<BadValue> FindBadValue(const Schema& schema, std::size_t f,
                                     std::span<const std::byte> bytes, Index steps);

}  // namespace lockstep
