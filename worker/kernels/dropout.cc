#include "worker/kernels/dropout.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/function_clones.h"

namespace lockstep {
namespace {

// One 128-bit block of the generator decides about 8 elements, 16 bits for each; one call of the
// generator gives many blocks.
constexpr Index kPerBlock = 8;
constexpr Index kPerCall = kPerBlock * CounterRng::kManyBlocks;
static_assert(std::endian::native == std::endian::little);  // decides the order within a word

LOCKSTEP_CLONES
void Drop(Index count, const std::uint16_t* draws, std::uint32_t threshold, float scale, float* x) {
  for (Index i = 0; i < count; ++i) x[i] *= draws[i] < threshold ? 0.0f : scale;
}
LOCKSTEP_CLONES
void Drop(Index count, const std::uint16_t* draws, std::uint32_t threshold, double scale,
          double* x) {
  for (Index i = 0; i < count; ++i) x[i] *= draws[i] < threshold ? 0.0 : scale;
}

}  // namespace

template <typename S>
void ApplyDropout(const CounterRng& rng, double probability, Index count, S* x) {
  LOCKSTEP_CHECK(probability >= 0 && probability < 1);
  const auto threshold = static_cast<std::uint32_t>(std::lround(probability * 65536));
  if (threshold == 0) return;
  const S scale = static_cast<S>(65536.0 / (65536.0 - threshold));
  std::array<std::uint32_t, kPerCall / 2> words;
  std::array<std::uint16_t, kPerCall> draws;
  for (Index start = 0; start < count; start += kPerCall) {
    rng.FillBlocks(static_cast<std::uint64_t>(start / kPerBlock), words);
    std::memcpy(draws.data(), words.data(), sizeof(draws));
    Drop(std::min(kPerCall, count - start), draws.data(), threshold, scale, x + start);
  }
}
template void ApplyDropout(const CounterRng&, double, Index, float*);
template void ApplyDropout(const CounterRng&, double, Index, double*);

}  // namespace lockstep
