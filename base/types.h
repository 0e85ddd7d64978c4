// The type for numbers and indices of elements, and ranges of elements. In this program, matrices
// are row-major arrays; arrays with a time axis are time-major.
#pragma once

#include <cstdint>

namespace lockstep {

using Index = std::int64_t;

// Elements [begin, end) of an array.
struct ElementRange {
  Index begin = 0;
  Index end = 0;
  Index count() const { return end - begin; }
  bool operator==(const ElementRange&) const = default;
};

}  // namespace lockstep
