// Vector helpers for kernels that Highway compiles once for each instruction set. The include guard
// is unusual because the file is included once for every target.
//
// All of them work for float and double and for any vector width, including the single lane for the
// last elements of a row, and round in the same way. So a result depends on the instruction set
// (with or without fused multiply-add), but never on the position of an element in its row.
#if defined(LOCKSTEP_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_VECTOR_MATH_INL_H_
#undef LOCKSTEP_VECTOR_MATH_INL_H_
#else
#define LOCKSTEP_VECTOR_MATH_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "base/types.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Calls body(tag, i) for i = 0, N, 2N ... with a tag of N lanes, then for each remaining element
// with a tag of one lane. Bodies that go through rows of several large arrays should prefetch the
// next row, because the processor's own prefetching starts again with each short row.
template <typename S, typename Body>
HWY_INLINE void ForLanes(Index count, const Body& body) {
  const hn::ScalableTag<S> full;
  const Index lanes = static_cast<Index>(hn::Lanes(full));
  Index i = 0;
  for (; i + lanes <= count; i += lanes) body(full, i);
  const hn::CappedTag<S, 1> one;
  for (; i < count; ++i) body(one, i);
}

// tanh as a ratio of polynomials of degree 13 and 6 in the range where it is not yet +-1 in float
// (coefficients as in Eigen's generic_fast_tanh_float). Error below 4 units in the last place.
template <class D>
HWY_INLINE hn::Vec<D> FastTanh(D d, hn::Vec<D> x) {
  static_assert(sizeof(hn::TFromD<D>) == 4);
  const auto limit = hn::Set(d, 7.90531110763549805f);
  const auto c = hn::Min(hn::Max(x, hn::Neg(limit)), limit);
  const auto c2 = hn::Mul(c, c);
  auto p = hn::Set(d, -2.76076847742355e-16f);
  p = hn::MulAdd(c2, p, hn::Set(d, 2.00018790482477e-13f));
  p = hn::MulAdd(c2, p, hn::Set(d, -8.60467152213735e-11f));
  p = hn::MulAdd(c2, p, hn::Set(d, 5.12229709037114e-08f));
  p = hn::MulAdd(c2, p, hn::Set(d, 1.48572235717979e-05f));
  p = hn::MulAdd(c2, p, hn::Set(d, 6.37261928875436e-04f));
  p = hn::MulAdd(c2, p, hn::Set(d, 4.89352455891786e-03f));
  auto q = hn::Set(d, 1.19825839466702e-06f);
  q = hn::MulAdd(c2, q, hn::Set(d, 1.18534705686654e-04f));
  q = hn::MulAdd(c2, q, hn::Set(d, 2.26843463243900e-03f));
  q = hn::MulAdd(c2, q, hn::Set(d, 4.89352518554385e-03f));
  return hn::Div(hn::Mul(c, p), q);
}

// Returns `result`, but NaN where x is NaN: it must reach the loss so that it is found, and Min and
// Max would replace it by a number.
template <class D>
HWY_INLINE hn::Vec<D> KeepNan(hn::Vec<D> x, hn::Vec<D> result) {
  return hn::IfThenElse(hn::Eq(x, x), result, x);
}

template <class D>
HWY_INLINE hn::Vec<D> GateTanh(D d, hn::Vec<D> x) {
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    return KeepNan<D>(x, FastTanh(d, x));
  } else {
    return hn::Tanh(d, x);
  }
}

// 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2
template <class D>
HWY_INLINE hn::Vec<D> GateSigmoid(D d, hn::Vec<D> x) {
  using S = hn::TFromD<D>;
  const auto half = hn::Set(d, S(0.5));
  return hn::MulAdd(half, GateTanh(d, hn::Mul(half, x)), half);
}

// s (1 - s), the derivative of the sigmoid whose value is s.
template <class D>
HWY_INLINE hn::Vec<D> SigmoidSlope(D, hn::Vec<D> s) {
  return hn::NegMulAdd(s, s, s);
}

// 1 - t^2, the derivative of the tanh whose value is t.
template <class D>
HWY_INLINE hn::Vec<D> TanhSlope(D d, hn::Vec<D> t) {
  using S = hn::TFromD<D>;
  return hn::NegMulAdd(t, t, hn::Set(d, S(1)));
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // LOCKSTEP_VECTOR_MATH_INL_H_
