#include "worker/kernels/dropout.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

// Elements that one 128-bit draw decides, 16 bits each.
constexpr Index kPerBlock = 8;

}  // namespace

template <typename S>
void ApplyDropout(const CounterRng& rng, double probability, Index count, S* x) {
  LOCKSTEP_CHECK(probability >= 0 && probability < 1);
  const auto threshold = static_cast<std::uint32_t>(std::lround(probability * 65536));
  if (threshold == 0) return;
  const S scale = static_cast<S>(65536.0 / (65536.0 - threshold));
  for (Index start = 0; start < count; start += kPerBlock) {
    const CounterRng::Block bits = rng.BlockAt(static_cast<std::uint64_t>(start / kPerBlock));
    const Index end = std::min(kPerBlock, count - start);
    for (Index i = 0; i < end; ++i) {
      const std::uint32_t draw = (bits[static_cast<std::size_t>(i / 2)] >> (16 * (i % 2))) & 0xFFFF;
      x[start + i] = draw < threshold ? S(0) : x[start + i] * scale;
    }
  }
}
template void ApplyDropout(const CounterRng&, double, Index, float*);
template void ApplyDropout(const CounterRng&, double, Index, double*);

}  // namespace lockstep
