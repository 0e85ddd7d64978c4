// ||a - b|| / ||b||, summed in double.
#pragma once

#include <cmath>

#include "base/aligned_buffer.h"

namespace lockstep {

template <typename A, typename B>
double RelativeDistance(const AlignedBuffer<A>& a, const AlignedBuffer<B>& b) {
  double difference = 0, norm = 0;
  for (Index i = 0; i < b.size(); ++i) {
    const double gap = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    difference += gap * gap;
    norm += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  // Both zero: a gradient that nothing reaches.
  return difference == 0 ? 0 : std::sqrt(difference / norm);
}

}  // namespace lockstep
