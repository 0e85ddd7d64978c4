#include "base/counter_rng.h"

#include <cmath>
#include <cstddef>
#include <numbers>

#include "base/function_clones.h"

namespace lockstep {

// Philox takes a 64-bit key and a 128-bit counter. The index fills half of the counter; seed,
// purpose, a and b are folded into the other half and the key by Philox itself, so that
// neighbouring seeds or steps give unrelated streams.
CounterRng::CounterRng(std::uint64_t seed, RandomPurpose purpose, std::uint64_t a,
                       std::uint64_t b) {
  const std::array<std::uint32_t, 2> seed_key{static_cast<std::uint32_t>(seed),
                                              static_cast<std::uint32_t>(seed >> 32)};
  const Block first = Philox({static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(a),
                              static_cast<std::uint32_t>(a >> 32), 0},
                             seed_key);
  const Block second = Philox(
      {static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(b >> 32), first[2], first[3]},
      {first[0], first[1]});
  key_ = {second[0], second[1]};
  low_ = second[2];
  high_ = second[3];
}

namespace {

constexpr std::size_t kMany = CounterRng::kManyBlocks;
using Words = std::array<std::uint32_t, kMany>;

LOCKSTEP_CLONES
void PhiloxMany(std::array<std::uint32_t, 2> key, std::array<Words, 4>* counters) {
  auto& [c0, c1, c2, c3] = *counters;
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < kMany; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0[i];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c2[i];
      c0[i] = static_cast<std::uint32_t>(p1 >> 32) ^ c1[i] ^ key[0];
      c1[i] = static_cast<std::uint32_t>(p1);
      c2[i] = static_cast<std::uint32_t>(p0 >> 32) ^ c3[i] ^ key[1];
      c3[i] = static_cast<std::uint32_t>(p0);
    }
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
}

}  // namespace

void CounterRng::FillBlocks(std::uint64_t first,
                            std::span<std::uint32_t, 4 * kManyBlocks> words) const {
  std::array<Words, 4> counters;
  for (std::size_t i = 0; i < kMany; ++i) {
    const std::uint64_t index = first + i;
    counters[0][i] = static_cast<std::uint32_t>(index);
    counters[1][i] = static_cast<std::uint32_t>(index >> 32);
    counters[2][i] = low_;
    counters[3][i] = high_;
  }
  PhiloxMany(key_, &counters);
  for (std::size_t i = 0; i < kMany; ++i) {
    for (std::size_t w = 0; w < 4; ++w) words[4 * i + w] = counters[w][i];
  }
}

double CounterRng::Normal(std::uint64_t index) const {
  const Block block = BlockAt(index);
  const double u = (static_cast<double>(block[0]) + 1.0) * 0x1.0p-32;  // never 0
  const double v =
      (static_cast<double>(block[1]) + static_cast<double>(block[2]) * 0x1.0p-32) * 0x1.0p-32;
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace lockstep
