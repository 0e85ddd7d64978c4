#include "worker/kernels/gru_cell.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/gru_cell.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

// Computes equation (1) or (2) for the gate whose columns start at `column`.
template <class D, typename S>
HWY_INLINE hn::Vec<D> Gate(D d, const CellStep<S>& step, const S* gates, Index column) {
  const auto bias = hn::Add(hn::LoadU(d, step.bias_x + column), hn::LoadU(d, step.bias_h + column));
  return GateSigmoid(d, hn::Add(hn::LoadU(d, gates + column), bias));
}

// Computes equation (4) in a form that needs only one multiplication: n + z (h_prev - n).
template <class D>
HWY_INLINE hn::Vec<D> Blend(D, hn::Vec<D> z, hn::Vec<D> n, hn::Vec<D> h_prev) {
  return hn::MulAdd(z, hn::Sub(h_prev, n), n);
}

template <typename S>
void GruForwardOf(const CellStep<S>& step) {
  const Index H = step.hidden, ahead = step.ahead_forward;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 3 * H;
    const S* HWY_RESTRICT recurrent = step.recurrent + b * H;
    const S* HWY_RESTRICT h_prev = step.h_prev + b * step.h_prev_stride;
    S* HWY_RESTRICT memory = step.memory + b * H;
    S* HWY_RESTRICT h = step.h + b * step.h_stride;
    ForLanes<S>(H, [&](auto d, Index j) {
      __builtin_prefetch(memory + ahead * H + j);
      __builtin_prefetch(h + ahead * step.h_stride + j);
      const auto r = Gate(d, step, gates, j);
      const auto z = Gate(d, step, gates, H + j);
      const auto h_n = hn::Add(hn::LoadU(d, recurrent + j), hn::LoadU(d, step.bias_h + 2 * H + j));
      const auto x_n =
          hn::Add(hn::LoadU(d, gates + 2 * H + j), hn::LoadU(d, step.bias_x + 2 * H + j));
      const auto n = GateTanh(d, hn::MulAdd(r, h_n, x_n));
      hn::StoreU(r, d, gates + j);
      hn::StoreU(z, d, gates + H + j);
      hn::StoreU(n, d, gates + 2 * H + j);
      hn::StoreU(h_n, d, memory + j);
      hn::StoreU(Blend(d, z, n, hn::LoadU(d, h_prev + j)), d, h + j);
    });
  }
}

template <typename S>
void GruBackwardOf(const CellStep<S>& step) {
  const Index H = step.hidden, ahead = step.ahead_backward;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 3 * H;
    const S* HWY_RESTRICT h_prev = step.h_prev + b * step.h_prev_stride;
    S* HWY_RESTRICT memory = step.memory + b * H;
    const S* HWY_RESTRICT d_out = step.d_out + b * step.d_out_stride;
    S* HWY_RESTRICT d_h = step.d_h + b * H;
    ForLanes<S>(H, [&](auto d, Index j) {
      for (Index gate = 0; gate < 3; ++gate) {
        __builtin_prefetch(gates + (3 * ahead + gate) * H + j);
      }
      __builtin_prefetch(memory + ahead * H + j);
      __builtin_prefetch(h_prev + ahead * step.h_prev_stride + j);
      __builtin_prefetch(d_out + ahead * step.d_out_stride + j);
      const auto r = hn::LoadU(d, gates + j);
      const auto z = hn::LoadU(d, gates + H + j);
      const auto n = hn::LoadU(d, gates + 2 * H + j);
      const auto total = hn::Add(hn::LoadU(d, d_out + j), hn::LoadU(d, d_h + j));
      const auto through_z = hn::Mul(total, z);
      const auto d_n = hn::Mul(hn::Sub(total, through_z), TanhSlope(d, n));
      const auto d_z =
          hn::Mul(hn::Mul(total, hn::Sub(hn::LoadU(d, h_prev + j), n)), SigmoidSlope(d, z));
      const auto d_r = hn::Mul(hn::Mul(d_n, hn::LoadU(d, memory + j)), SigmoidSlope(d, r));
      hn::StoreU(d_r, d, gates + j);
      hn::StoreU(d_z, d, gates + H + j);
      hn::StoreU(d_n, d, gates + 2 * H + j);
      hn::StoreU(hn::Mul(d_n, r), d, memory + j);
      hn::StoreU(through_z, d, d_h + j);
    });
  }
}

template <typename S>
void GruResetBeforeGatesOf(const CellStep<S>& step) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 3 * H;
    const S* HWY_RESTRICT h_prev = step.h_prev + b * step.h_prev_stride;
    S* HWY_RESTRICT memory = step.memory + b * H;
    ForLanes<S>(H, [&](auto d, Index j) {
      const auto r = Gate(d, step, gates, j);
      const auto z = Gate(d, step, gates, H + j);
      hn::StoreU(r, d, gates + j);
      hn::StoreU(z, d, gates + H + j);
      hn::StoreU(hn::Mul(r, hn::LoadU(d, h_prev + j)), d, memory + j);
    });
  }
}

template <typename S>
void GruResetBeforeCandidateOf(const CellStep<S>& step) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 3 * H;
    const S* HWY_RESTRICT h_prev = step.h_prev + b * step.h_prev_stride;
    S* HWY_RESTRICT h = step.h + b * step.h_stride;
    ForLanes<S>(H, [&](auto d, Index j) {
      const auto bias =
          hn::Add(hn::LoadU(d, step.bias_x + 2 * H + j), hn::LoadU(d, step.bias_h + 2 * H + j));
      const auto n = GateTanh(d, hn::Add(hn::LoadU(d, gates + 2 * H + j), bias));
      hn::StoreU(n, d, gates + 2 * H + j);
      const auto z = hn::LoadU(d, gates + H + j);
      hn::StoreU(Blend(d, z, n, hn::LoadU(d, h_prev + j)), d, h + j);
    });
  }
}

template <typename S>
void GruResetBeforeCandidateBackwardOf(const CellStep<S>& step) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 3 * H;
    const S* HWY_RESTRICT h_prev = step.h_prev + b * step.h_prev_stride;
    const S* HWY_RESTRICT d_out = step.d_out + b * step.d_out_stride;
    S* HWY_RESTRICT d_h = step.d_h + b * H;
    ForLanes<S>(H, [&](auto d, Index j) {
      const auto z = hn::LoadU(d, gates + H + j);
      const auto n = hn::LoadU(d, gates + 2 * H + j);
      const auto total = hn::Add(hn::LoadU(d, d_out + j), hn::LoadU(d, d_h + j));
      const auto through_z = hn::Mul(total, z);
      const auto d_n = hn::Mul(hn::Sub(total, through_z), TanhSlope(d, n));
      const auto d_z =
          hn::Mul(hn::Mul(total, hn::Sub(hn::LoadU(d, h_prev + j), n)), SigmoidSlope(d, z));
      hn::StoreU(d_z, d, gates + H + j);
      hn::StoreU(d_n, d, gates + 2 * H + j);
      hn::StoreU(through_z, d, d_h + j);
    });
  }
}

template <typename S>
void GruResetBeforeGatesBackwardOf(const CellStep<S>& step) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 3 * H;
    const S* HWY_RESTRICT h_prev = step.h_prev + b * step.h_prev_stride;
    const S* HWY_RESTRICT d_reset = step.recurrent + b * H;  // gradient of r * h_prev
    S* HWY_RESTRICT d_h = step.d_h + b * H;
    ForLanes<S>(H, [&](auto d, Index j) {
      const auto r = hn::LoadU(d, gates + j);
      const auto d_rh = hn::LoadU(d, d_reset + j);
      const auto d_r = hn::Mul(hn::Mul(d_rh, hn::LoadU(d, h_prev + j)), SigmoidSlope(d, r));
      hn::StoreU(d_r, d, gates + j);
      hn::StoreU(hn::MulAdd(d_rh, r, hn::LoadU(d, d_h + j)), d, d_h + j);
    });
  }
}

}  // namespace

void GruForwardFloat(const CellStep<float>& step) { GruForwardOf(step); }
void GruForwardDouble(const CellStep<double>& step) { GruForwardOf(step); }
void GruBackwardFloat(const CellStep<float>& step) { GruBackwardOf(step); }
void GruBackwardDouble(const CellStep<double>& step) { GruBackwardOf(step); }
void GruResetBeforeGatesFloat(const CellStep<float>& step) { GruResetBeforeGatesOf(step); }
void GruResetBeforeGatesDouble(const CellStep<double>& step) { GruResetBeforeGatesOf(step); }
void GruResetBeforeCandidateFloat(const CellStep<float>& step) { GruResetBeforeCandidateOf(step); }
void GruResetBeforeCandidateDouble(const CellStep<double>& step) {
  GruResetBeforeCandidateOf(step);
}
void GruResetBeforeCandidateBackwardFloat(const CellStep<float>& step) {
  GruResetBeforeCandidateBackwardOf(step);
}
void GruResetBeforeCandidateBackwardDouble(const CellStep<double>& step) {
  GruResetBeforeCandidateBackwardOf(step);
}
void GruResetBeforeGatesBackwardFloat(const CellStep<float>& step) {
  GruResetBeforeGatesBackwardOf(step);
}
void GruResetBeforeGatesBackwardDouble(const CellStep<double>& step) {
  GruResetBeforeGatesBackwardOf(step);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(GruForwardFloat);
HWY_EXPORT(GruForwardDouble);
HWY_EXPORT(GruBackwardFloat);
HWY_EXPORT(GruBackwardDouble);
HWY_EXPORT(GruResetBeforeGatesFloat);
HWY_EXPORT(GruResetBeforeGatesDouble);
HWY_EXPORT(GruResetBeforeCandidateFloat);
HWY_EXPORT(GruResetBeforeCandidateDouble);
HWY_EXPORT(GruResetBeforeCandidateBackwardFloat);
HWY_EXPORT(GruResetBeforeCandidateBackwardDouble);
HWY_EXPORT(GruResetBeforeGatesBackwardFloat);
HWY_EXPORT(GruResetBeforeGatesBackwardDouble);

template <>
void GruForward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(GruForwardFloat)(step);
}
template <>
void GruForward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(GruForwardDouble)(step);
}
template <>
void GruBackward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(GruBackwardFloat)(step);
}
template <>
void GruBackward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(GruBackwardDouble)(step);
}
template <>
void GruResetBeforeGates(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeGatesFloat)(step);
}
template <>
void GruResetBeforeGates(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeGatesDouble)(step);
}
template <>
void GruResetBeforeCandidate(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeCandidateFloat)(step);
}
template <>
void GruResetBeforeCandidate(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeCandidateDouble)(step);
}
template <>
void GruResetBeforeCandidateBackward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeCandidateBackwardFloat)(step);
}
template <>
void GruResetBeforeCandidateBackward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeCandidateBackwardDouble)(step);
}
template <>
void GruResetBeforeGatesBackward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeGatesBackwardFloat)(step);
}
template <>
void GruResetBeforeGatesBackward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(GruResetBeforeGatesBackwardDouble)(step);
}

}  // namespace lockstep
#endif  // HWY_ONCE
