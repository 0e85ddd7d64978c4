// Whole numbers of JSON that somebody may have forged. The library converts any number to any type:
// -1e300 to an integer is undefined, and 2^64 - 1 becomes -1.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "base/types.h"

namespace lockstep {

// True for a whole number, written as one, that Index can hold.
inline bool IsIndex(const nlohmann::json& value) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<Index>::max());
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= kMost;
  return value.is_number_integer();
}

// The number; BadData if the value is none.
inline Index IndexFrom(const nlohmann::json& value) {
  if (IsIndex(value)) return value.get<Index>();
  throw BadData("{} is no whole number", JsonTextOfAnyBytes(value));
}

}  // namespace lockstep
