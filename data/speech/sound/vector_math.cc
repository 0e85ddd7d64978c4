#include "data/speech/sound/vector_math.h"

#include <algorithm>
#include <bit>
#include <cstdint>

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

// value = m 2^e with m in [sqrt(1/2), sqrt(2)); log m by the polynomial of Cephes' logf (Moshier
// 1989). 0x3F3504F3 are the bits of sqrt(1/2).
LOCKSTEP_CLONES void FlooredLogs(float floor, float* values, Index count) {
  constexpr std::int32_t kRootHalf = 0x3F3504F3;
  for (Index i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::int32_t>(std::max(values[i], floor)) - kRootHalf;
    const auto exponent = static_cast<float>(bits >> 23);
    const float z = std::bit_cast<float>((bits & 0x007FFFFF) + kRootHalf) - 1.0f;
    float p = 7.0376836292e-2f;
    p = p * z - 1.1514610310e-1f;
    p = p * z + 1.1676998740e-1f;
    p = p * z - 1.2420140846e-1f;
    p = p * z + 1.4249322787e-1f;
    p = p * z - 1.6668057665e-1f;
    p = p * z + 2.0000714765e-1f;
    p = p * z - 2.4999993993e-1f;
    p = p * z + 3.3333331174e-1f;
    const float square = z * z;
    // log 2 is split into two parts; the larger one has few bits, so that its product is exact.
    const float small = p * z * square - 2.12194440e-4f * exponent - 0.5f * square;
    values[i] = z + small + 0.693359375f * exponent;
  }
}

}  // namespace lockstep
