// The values that an axis of a chart shows.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace lockstep {

// False for what is no finite number, or so large that a difference of two might be none.
inline bool CanBeShown(double value) { return std::abs(value) <= 1e300; }

struct ValueRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void Include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
  // Where a value lies, from 0 to 1; not for a range of a single value.
  double Place(double value) const { return (value - low) / (high - low); }
};

}  // namespace lockstep
