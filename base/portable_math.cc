#include "base/portable_math.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/function_clones.h"

namespace lockstep {

// exp(x) = 2^n exp(r) with n the integer next to x / log 2, and exp(r) by the polynomial of Cephes'
// expf (Moshier 1989). log 2 is taken in two parts, so that r is exact.
LOCKSTEP_CLONES void Exponentials(std::span<float> values) {
  constexpr float kRound = 12582912.0f;  // 1.5 x 2^23: adding it rounds to an integer
  float* const value = values.data();
  const Index count = std::ssize(values);
  for (Index i = 0; i < count; ++i) {
    const float x = std::min(std::max(value[i], -87.0f), 88.0f);
    const float shifted = x * 1.44269504088896341f + kRound;
    const float n = shifted - kRound;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const std::int32_t exponent = (static_cast<std::int32_t>(n) + 127) << 23;
    value[i] = p * std::bit_cast<float>(exponent);
  }
}

// value = m 2^e with m in [sqrt(1/2), sqrt(2)); log m by the polynomial of Cephes' logf (Moshier
// 1989). 0x3F3504F3 are the bits of sqrt(1/2).
LOCKSTEP_CLONES void Logarithms(float floor, std::span<float> values) {
  constexpr std::int32_t kRootHalf = 0x3F3504F3;
  float* const value = values.data();
  const Index count = std::ssize(values);
  for (Index i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::int32_t>(std::max(value[i], floor)) - kRootHalf;
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
    value[i] = z + small + 0.693359375f * exponent;
  }
}

}  // namespace lockstep
