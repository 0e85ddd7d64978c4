// Layer normalisation of one row, for kernels that Highway compiles once for each instruction set;
// see layer_norm.h. The include guard is unusual because the file is included once for every
// target.
#if defined(LOCKSTEP_LAYER_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_LAYER_NORM_INL_H_
#undef LOCKSTEP_LAYER_NORM_INL_H_
#else
#define LOCKSTEP_LAYER_NORM_INL_H_
#endif

#include <algorithm>
#include <cmath>

#include "worker/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

// The same as in torch.nn.LayerNorm.
inline constexpr double kNormEpsilon = 1e-5;

// Sum over i < count of term(tag, i). Whatever the width of a vector, element i is added to sum
// i mod 16, and the sixteen sums are then added in one fixed tree. So the bits are the same on all
// instruction sets, if those of the terms are.
template <typename S, typename Term>
HWY_INLINE S FixedSum(Index count, const Term& term) {
  constexpr Index kSums = 16;
  const hn::CappedTag<S, kSums> d;
  constexpr auto kLanes = static_cast<Index>(hn::MaxLanes(hn::CappedTag<S, kSums>()));
  hn::Vec<decltype(d)> vectors[kSums / kLanes];
  for (auto& vector : vectors) vector = hn::Zero(d);
  Index i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (Index v = 0; v < kSums / kLanes; ++v) {
      vectors[v] = hn::Add(vectors[v], term(d, i + v * kLanes));
    }
  }
  HWY_ALIGN S sums[kSums];
  for (Index v = 0; v < kSums / kLanes; ++v) hn::Store(vectors[v], d, sums + v * kLanes);
  const hn::CappedTag<S, 1> one;
  for (Index k = 0; i < count; ++i, ++k) sums[k] += hn::GetLane(term(one, i));
  for (Index half = kSums / 2; half > 0; half /= 2) {
    for (Index k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  return sums[0];
}

// Replaces x by (x - mean) * scale, scale = 1 / sqrt(variance + epsilon); returns the scale.
template <typename S>
HWY_INLINE S NormaliseRow(Index count, S* HWY_RESTRICT x) {
  const S n = static_cast<S>(count);
  const S mean = FixedSum<S>(count, [&](auto d, Index i) { return hn::LoadU(d, x + i); }) / n;
  ForLanes<S>(count, [&](auto d, Index i) {
    hn::StoreU(hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean)), d, x + i);
  });
  const S squares = FixedSum<S>(count, [&](auto d, Index i) {
    const auto value = hn::LoadU(d, x + i);
    return hn::Mul(value, value);
  });
  const S scale = S(1) / std::sqrt(squares / n + static_cast<S>(kNormEpsilon));
  ForLanes<S>(count, [&](auto d, Index i) {
    hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::Set(d, scale)), d, x + i);
  });
  return scale;
}

// Backward of y = gain * NormaliseRow(x), where `normed` is the normalised row and g = gain * d_y:
//   d_x = scale * (g - mean(g) - normed * mean(g * normed))
// d_x may be d_y or `normed`.
template <typename S>
HWY_INLINE void NormaliseRowBackward(Index count, const S* normed, S scale,
                                     const S* HWY_RESTRICT gain, const S* d_y, S* d_x) {
  const S n = static_cast<S>(count);
  const auto g = [&](auto d, Index i) {
    return hn::Mul(hn::LoadU(d, gain + i), hn::LoadU(d, d_y + i));
  };
  const S mean = FixedSum<S>(count, g) / n;
  const S slope =
      FixedSum<S>(count,
                  [&](auto d, Index i) { return hn::Mul(g(d, i), hn::LoadU(d, normed + i)); }) /
      n;
  ForLanes<S>(count, [&](auto d, Index i) {
    const auto along = hn::Mul(hn::LoadU(d, normed + i), hn::Set(d, slope));
    const auto across = hn::Sub(hn::Sub(g(d, i), hn::Set(d, mean)), along);
    hn::StoreU(hn::Mul(across, hn::Set(d, scale)), d, d_x + i);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // LOCKSTEP_LAYER_NORM_INL_H_
