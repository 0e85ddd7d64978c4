// What one record of a shard must be: the checksum that vouches for its bytes, and the range of its
// values. Writer and reader call the same functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Bytes of one step of a field.
Index StepBytes(const FieldSpec& field);

// XXH3 of (XXH3 of the bytes, sample id): a record that was moved to another sample does not match.
std::uint64_t RecordChecksum(std::span<const std::byte> bytes, std::uint64_t sample_id);

// The first value of a record that is not allowed.
struct BadValue {
  Index step = 0;
  std::string found;
  std::string allowed;
};

// Symbols must be below `limit`; no check when `limit` is 0 (no alphabet is declared).
std::optional<BadValue> FindBadSymbol(const FieldSpec& field, std::span<const std::byte> bytes,
                                      Index limit);
// Classes must be below `limit` or the ignored target.
std::optional<BadValue> FindBadTarget(const FieldSpec& field, std::span<const std::byte> bytes,
                                      Index limit);
// Labels of a sequence of their own length: 1..limit - 1, class 0 being the blank.
std::optional<BadValue> FindBadLabel(const FieldSpec& field, std::span<const std::byte> bytes,
                                     Index limit);
// Features must be finite.
std::optional<BadValue> FindBadFeature(const FieldSpec& field, std::span<const std::byte> bytes);

// FindBadSymbol or FindBadFeature, FindBadTarget or FindBadLabel, as the corpus says.
std::optional<BadValue> FindBadInput(const CorpusInfo& info, std::span<const std::byte> bytes);
std::optional<BadValue> FindBadTarget(const CorpusInfo& info, std::span<const std::byte> bytes);

}  // namespace lockstep
