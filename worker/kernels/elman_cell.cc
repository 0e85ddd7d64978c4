#include "worker/kernels/elman_cell.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/elman_cell.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

struct TanhActivation {
  template <class D>
  HWY_INLINE hn::Vec<D> Value(D d, hn::Vec<D> x) const {
    return GateTanh(d, x);
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Slope(D d, hn::Vec<D> h) const {
    return TanhSlope(d, h);
  }
};

struct ReluActivation {
  template <class D>
  HWY_INLINE hn::Vec<D> Value(D d, hn::Vec<D> x) const {
    return KeepNan<D>(x, hn::Max(x, hn::Zero(d)));
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Slope(D d, hn::Vec<D> h) const {
    using S = hn::TFromD<D>;
    return hn::IfThenElseZero(hn::Gt(h, hn::Zero(d)), hn::Set(d, S(1)));
  }
};

template <typename S, typename Activation>
void Forward(const CellStep<S>& step, Activation f) {
  const Index ahead = step.ahead_forward;
  for (Index b = 0; b < step.rows; ++b) {
    const S* HWY_RESTRICT gates = step.gates + b * step.hidden;
    S* HWY_RESTRICT h = step.h + b * step.h_stride;
    ForLanes<S>(step.hidden, [&](auto d, Index j) {
      __builtin_prefetch(h + ahead * step.h_stride + j);
      const auto bias = hn::Add(hn::LoadU(d, step.bias_x + j), hn::LoadU(d, step.bias_h + j));
      hn::StoreU(f.Value(d, hn::Add(hn::LoadU(d, gates + j), bias)), d, h + j);
    });
  }
}

template <typename S, typename Activation>
void Backward(const CellStep<S>& step, Activation f) {
  const Index ahead = step.ahead_backward;
  for (Index b = 0; b < step.rows; ++b) {
    const S* HWY_RESTRICT h = step.h + b * step.h_stride;
    const S* HWY_RESTRICT d_out = step.d_out + b * step.d_out_stride;
    S* HWY_RESTRICT d_h = step.d_h + b * step.hidden;
    S* HWY_RESTRICT gates = step.gates + b * step.hidden;
    ForLanes<S>(step.hidden, [&](auto d, Index j) {
      __builtin_prefetch(h + ahead * step.h_stride + j);
      __builtin_prefetch(d_out + ahead * step.d_out_stride + j);
      __builtin_prefetch(gates + ahead * step.hidden + j);
      const auto total = hn::Add(hn::LoadU(d, d_out + j), hn::LoadU(d, d_h + j));
      hn::StoreU(hn::Mul(total, f.Slope(d, hn::LoadU(d, h + j))), d, gates + j);
      hn::StoreU(hn::Zero(d), d, d_h + j);
    });
  }
}

template <typename S>
void ElmanTanhForwardOf(const CellStep<S>& step) {
  Forward(step, TanhActivation());
}
template <typename S>
void ElmanTanhBackwardOf(const CellStep<S>& step) {
  Backward(step, TanhActivation());
}
template <typename S>
void ElmanReluForwardOf(const CellStep<S>& step) {
  Forward(step, ReluActivation());
}
template <typename S>
void ElmanReluBackwardOf(const CellStep<S>& step) {
  Backward(step, ReluActivation());
}

}  // namespace

void ElmanTanhForwardFloat(const CellStep<float>& step) { ElmanTanhForwardOf(step); }
void ElmanTanhForwardDouble(const CellStep<double>& step) { ElmanTanhForwardOf(step); }
void ElmanTanhBackwardFloat(const CellStep<float>& step) { ElmanTanhBackwardOf(step); }
void ElmanTanhBackwardDouble(const CellStep<double>& step) { ElmanTanhBackwardOf(step); }
void ElmanReluForwardFloat(const CellStep<float>& step) { ElmanReluForwardOf(step); }
void ElmanReluForwardDouble(const CellStep<double>& step) { ElmanReluForwardOf(step); }
void ElmanReluBackwardFloat(const CellStep<float>& step) { ElmanReluBackwardOf(step); }
void ElmanReluBackwardDouble(const CellStep<double>& step) { ElmanReluBackwardOf(step); }

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(ElmanTanhForwardFloat);
HWY_EXPORT(ElmanTanhForwardDouble);
HWY_EXPORT(ElmanTanhBackwardFloat);
HWY_EXPORT(ElmanTanhBackwardDouble);
HWY_EXPORT(ElmanReluForwardFloat);
HWY_EXPORT(ElmanReluForwardDouble);
HWY_EXPORT(ElmanReluBackwardFloat);
HWY_EXPORT(ElmanReluBackwardDouble);

template <>
void ElmanTanhForward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanTanhForwardFloat)(step);
}
template <>
void ElmanTanhForward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanTanhForwardDouble)(step);
}
template <>
void ElmanTanhBackward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanTanhBackwardFloat)(step);
}
template <>
void ElmanTanhBackward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanTanhBackwardDouble)(step);
}
template <>
void ElmanReluForward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanReluForwardFloat)(step);
}
template <>
void ElmanReluForward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanReluForwardDouble)(step);
}
template <>
void ElmanReluBackward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanReluBackwardFloat)(step);
}
template <>
void ElmanReluBackward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(ElmanReluBackwardDouble)(step);
}

}  // namespace lockstep
#endif  // HWY_ONCE
