#include "base/counter_rng.h"

#include <cmath>
#include <numbers>

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

double CounterRng::Normal(std::uint64_t index) const {
  const Block block = BlockAt(index);
  const double u = (static_cast<double>(block[0]) + 1.0) * 0x1.0p-32;  // never 0
  const double v =
      (static_cast<double>(block[1]) + static_cast<double>(block[2]) * 0x1.0p-32) * 0x1.0p-32;
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace lockstep
