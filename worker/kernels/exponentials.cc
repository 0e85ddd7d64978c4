#include "worker/kernels/exponentials.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/exponentials.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

// Entry i: the bits of 2^(i / 32), less i in the place to which the lowest bit of k is shifted.
alignas(64) constexpr std::uint64_t kPowers[32] = {
    0x3ff0000000000000u, 0x3fefd9b0d3158574u, 0x3fefb5586cf9890fu, 0x3fef9301d0125b51u,
    0x3fef72b83c7d517bu, 0x3fef54873168b9aau, 0x3fef387a6e756238u, 0x3fef1e9df51fdee1u,
    0x3fef06fe0a31b715u, 0x3feef1a7373aa9cbu, 0x3feedea64c123422u, 0x3feece086061892du,
    0x3feebfdad5362a27u, 0x3feeb42b569d4f82u, 0x3feeab07dd485429u, 0x3feea47eb03a5585u,
    0x3feea09e667f3bcdu, 0x3fee9f75e8ec5f74u, 0x3feea11473eb0187u, 0x3feea589994cce13u,
    0x3feeace5422aa0dbu, 0x3feeb737b0cdc5e5u, 0x3feec49182a3f090u, 0x3feed503b23e255du,
    0x3feee89f995ad3adu, 0x3feeff76f2fb5e47u, 0x3fef199bdd85529cu, 0x3fef3720dcef9069u,
    0x3fef5818dcfba487u, 0x3fef7c97337b9b5fu, 0x3fefa4afa2a490dau, 0x3fefd0765b6e4540u};

// As many floats as a register has doubles.
using Doubles = hn::ScalableTag<double>;
using Floats = hn::Rebind<float, Doubles>;
using Words = hn::RebindToUnsigned<Doubles>;

// exp(x) for x in [-87, 0], where it is a normal number.
HWY_INLINE hn::Vec<Floats> ExpOfFloats(hn::Vec<Floats> x) {
  const Doubles d;
  const Words w;
  const auto in_double = hn::PromoteTo(d, x);
  const auto scale = hn::Set(d, 0x1.71547652b82fep+0 * 32), shift = hn::Set(d, 0x1.8p+52);
  const auto shifted = hn::MulAdd(scale, in_double, shift);
  const auto k = hn::BitCast(w, shifted);
  const auto r = hn::MulSub(scale, in_double, hn::Sub(shifted, shift));
  const auto index = hn::BitCast(hn::RebindToSigned<Doubles>(), hn::And(k, hn::Set(w, 31)));
  const auto power = hn::Add(hn::GatherIndex(w, kPowers, index), hn::ShiftLeft<47>(k));
  const auto high = hn::MulAdd(hn::Set(d, 0x1.c6af84b912394p-5 / 32 / 32 / 32), r,
                               hn::Set(d, 0x1.ebfce50fac4f3p-3 / 32 / 32));
  const auto low = hn::MulAdd(hn::Set(d, 0x1.62e42ff0c52d6p-1 / 32), r, hn::Set(d, 1.0));
  const auto y = hn::MulAdd(high, hn::Mul(r, r), low);
  return hn::DemoteTo(Floats(), hn::Mul(y, hn::BitCast(d, power)));
}

// to[i] = exp(x[i] - max) for `count` elements, at most kChunk.
void ExponentialsOf(Index count, float max, const float* x, float* to) {
  const Floats f;
  const Index lanes = static_cast<Index>(hn::Lanes(f));
  Index i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto difference = hn::Sub(hn::LoadU(f, x + i), hn::Set(f, max));
    const auto is_usual =
        hn::And(hn::Ge(difference, hn::Set(f, -87.0f)), hn::Le(difference, hn::Zero(f)));
    if (HWY_UNLIKELY(!hn::AllTrue(f, is_usual))) {
      for (Index j = i; j < i + lanes; ++j) to[j] = std::exp(x[j] - max);
    } else {
      hn::StoreU(ExpOfFloats(difference), f, to + i);
    }
  }
  for (; i < count; ++i) to[i] = std::exp(x[i] - max);
}

#else

void ExponentialsOf(Index count, float max, const float* x, float* to) {
  for (Index i = 0; i < count; ++i) to[i] = std::exp(x[i] - max);
}

#endif

}  // namespace

// Chunks are computed ahead of their addition, whose chain then hides behind the next chunk.
float TakeExponentialsFloat(Index count, float max, float* x) {
  constexpr Index kChunk = 64;
  float sum = 0;
  for (Index first = 0; first < count; first += kChunk) {
    const Index last = std::min(count, first + kChunk);
    ExponentialsOf(last - first, max, x + first, x + first);
    for (Index i = first; i < last; ++i) sum += x[i];
  }
  return sum;
}

float SumOfExponentialsFloat(Index count, float max, const float* x) {
  constexpr Index kChunk = 64;
  float chunk[kChunk];
  float sum = 0;
  for (Index first = 0; first < count; first += kChunk) {
    const Index size = std::min(kChunk, count - first);
    ExponentialsOf(size, max, x + first, chunk);
    for (Index i = 0; i < size; ++i) sum += chunk[i];
  }
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(TakeExponentialsFloat);
HWY_EXPORT(SumOfExponentialsFloat);

template <>
float TakeExponentials(Index count, float max, float* x) {
  return HWY_DYNAMIC_DISPATCH(TakeExponentialsFloat)(count, max, x);
}
template <>
double TakeExponentials(Index count, double max, double* x) {
  double sum = 0;
  for (Index i = 0; i < count; ++i) {
    x[i] = std::exp(x[i] - max);
    sum += x[i];
  }
  return sum;
}
template <>
float SumOfExponentials(Index count, float max, const float* x) {
  return HWY_DYNAMIC_DISPATCH(SumOfExponentialsFloat)(count, max, x);
}
template <>
double SumOfExponentials(Index count, double max, const double* x) {
  double sum = 0;
  for (Index i = 0; i < count; ++i) sum += std::exp(x[i] - max);
  return sum;
}

}  // namespace lockstep
#endif  // HWY_ONCE
