// Numbers of elements, and ranges of them. Matrices are row-major arrays of elements; time-major
// where they have a time axis.
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
