#include "worker/kernels/weight_noise.h"

#include <algorithm>
#include <array>

#include "base/function_clones.h"

namespace lockstep {
namespace {

// Element i has block i of the generator; one call of the generator gives many blocks.
constexpr Index kPerCall = CounterRng::kManyBlocks;
using Words = std::array<std::uint32_t, 4 * kPerCall>;

constexpr float kMean = 8 * 65535 / 2.0f;  // of the sum of eight numbers of 16 bits
// One over the standard deviation of that sum: each number has the variance (2^32 - 1) / 12.
constexpr float kScale = 1.0f / 53509.92f;

// Sets sums[i] to the sum of the eight halves of the four words of block i.
LOCKSTEP_CLONES
void SumHalves(const Words& words, std::array<std::int32_t, kPerCall>* sums) {
  for (std::size_t i = 0; i < kPerCall; ++i) {
    std::uint32_t sum = 0;
    for (std::size_t w = 0; w < 4; ++w) {
      sum += (words[4 * i + w] & 0xFFFF) + (words[4 * i + w] >> 16);
    }
    (*sums)[i] = static_cast<std::int32_t>(sum);
  }
}

LOCKSTEP_CLONES
void AddScaled(Index count, const std::int32_t* sums, float scale, const float* x, float* noisy) {
  for (Index i = 0; i < count; ++i) {
    noisy[i] = x[i] + scale * (static_cast<float>(sums[i]) - kMean);
  }
}

}  // namespace

void AddWeightNoise(const CounterRng& rng, float deviation, Index begin, Index end, const float* x,
                    float* noisy) {
  Words words;
  std::array<std::int32_t, kPerCall> sums;
  for (Index i = begin; i < end; i += kPerCall) {
    rng.FillBlocks(static_cast<std::uint64_t>(i), words);
    SumHalves(words, &sums);
    AddScaled(std::min(kPerCall, end - i), sums.data(), deviation * kScale, x + i, noisy + i);
  }
}

}  // namespace lockstep
