#include "base/counter_rng.h"

#include <cmath>
#include <cstring>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "base/counter_rng.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<std::uint64_t>;
using Vec = hn::Vec<D>;

// The product of the lower halves of each 64 bits.
HWY_INLINE Vec MultiplyLow(Vec a, Vec b) {
#if HWY_TARGET == HWY_SCALAR
  const Vec lower = hn::Set(D(), 0xFFFFFFFFu);
  return hn::Mul(hn::And(a, lower), hn::And(b, lower));
#else
  const hn::Repartition<std::uint32_t, D> halves;
  return hn::MulEven(hn::BitCast(halves, a), hn::BitCast(halves, b));
#endif
}

// The keys of all rounds, in pairs: broadcasts of what is in memory cost no arithmetic.
struct RoundKeys {
  explicit RoundKeys(const std::uint32_t* key) {
    std::uint32_t k0 = key[0], k1 = key[1];
    for (std::size_t r = 0; r < first.size(); ++r, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      first[r] = k0;
      second[r] = k1;
    }
  }
  std::array<std::uint64_t, 10> first, second;
};

// The blocks of kManyBlocks indices (CounterRng::FillBlocks). A vector holds one word of several
// blocks, each in the lower half of 64 bits; what the upper halves hold has no effect on products,
// and no other operation moves it down.
void PhiloxBlocks(std::uint64_t begin, std::uint32_t low, std::uint32_t high,
                  const std::uint32_t* key, std::uint32_t* words) {
  const D d;
  const RoundKeys keys(key);
  const Vec m0 = hn::Set(d, 0xD2511F53u), m1 = hn::Set(d, 0xCD9E8D57u);
  const Vec lower = hn::Set(d, 0xFFFFFFFFu), lane = hn::Iota(d, std::uint64_t{0});
  const auto join = [&](Vec even, Vec odd) {
    return hn::Or(hn::And(even, lower), hn::ShiftLeft<32>(odd));
  };
  constexpr Index kBlocks = HWY_LANES(std::uint64_t);
  for (Index i = 0; i < CounterRng::kManyBlocks; i += kBlocks) {
    const Vec index = hn::Add(lane, hn::Set(d, begin + static_cast<std::uint64_t>(i)));
    Vec c0 = index, c1 = hn::ShiftRight<32>(index), c2 = hn::Set(d, low), c3 = hn::Set(d, high);
    for (std::size_t r = 0; r < keys.first.size(); ++r) {
      const Vec p0 = MultiplyLow(c0, m0), p1 = MultiplyLow(c2, m1);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(d, keys.first[r]));
      c1 = p1;
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(d, keys.second[r]));
      c3 = p0;
    }
    HWY_ALIGN std::uint64_t pairs[2 * kBlocks];
    hn::StoreInterleaved2(join(c0, c1), join(c2, c3), d, pairs);
    std::memcpy(words + 4 * i, pairs, sizeof(pairs));
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(PhiloxBlocks);

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

void CounterRng::FillBlocks(std::uint64_t first,
                            std::span<std::uint32_t, 4 * kManyBlocks> words) const {
  HWY_DYNAMIC_DISPATCH(PhiloxBlocks)(first, low_, high_, key_.data(), words.data());
}

double CounterRng::Normal(std::uint64_t index) const {
  const Block block = BlockAt(index);
  const double u = (static_cast<double>(block[0]) + 1.0) * 0x1.0p-32;  // never 0
  const double v =
      (static_cast<double>(block[1]) + static_cast<double>(block[2]) * 0x1.0p-32) * 0x1.0p-32;
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace lockstep
#endif  // HWY_ONCE
