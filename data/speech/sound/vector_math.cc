#include "data/speech/sound/vector_math.h"

#include "base/function_clones.h"

namespace lockstep {
namespace {

constexpr Index kLanes = 16;  // one AVX-512 register of floats

// Adds pairs of neighbouring lanes, then pairs of pairs, and so on.
template <typename Scalar>
inline Scalar SumOfLanes(Scalar* lanes) {
  for (Index half = kLanes / 2; half > 0; half /= 2) {
    for (Index i = 0; i < half; ++i) lanes[i] = lanes[2 * i] + lanes[2 * i + 1];
  }
  return lanes[0];
}

}  // namespace

LOCKSTEP_CLONES float Mean(const float* values, Index count) {
  float lanes[kLanes] = {};
  Index i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (Index lane = 0; lane < kLanes; ++lane) lanes[lane] += values[i + lane];
  }
  for (; i < count; ++i) lanes[i % kLanes] += values[i];
  return SumOfLanes(lanes) / static_cast<float>(count);
}

LOCKSTEP_CLONES double SumOfSquares(const float* values, Index count) {
  double lanes[kLanes] = {};
  Index i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (Index lane = 0; lane < kLanes; ++lane) {
      const double value = values[i + lane];
      lanes[lane] += value * value;
    }
  }
  for (; i < count; ++i) lanes[i % kLanes] += static_cast<double>(values[i]) * values[i];
  return SumOfLanes(lanes);
}

LOCKSTEP_CLONES void MultiplyVector(const float* matrix, const float* vector, Index rows,
                                    Index columns, float* products) {
  for (Index row = 0; row < rows; ++row) {
    float lanes[kLanes] = {};
    const float* weights = matrix + row * columns;
    Index i = 0;
    for (; i + kLanes <= columns; i += kLanes) {
      for (Index lane = 0; lane < kLanes; ++lane) {
        lanes[lane] += weights[i + lane] * vector[i + lane];
      }
    }
    for (; i < columns; ++i) lanes[i % kLanes] += weights[i] * vector[i];
    products[row] = SumOfLanes(lanes);
  }
}

}  // namespace lockstep
