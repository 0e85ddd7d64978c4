#include "worker/kernels/lstm_cell.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/lstm_cell.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/lstm_gates-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

template <typename S>
void LstmForwardOf(const CellStep<S>& step) {
  const Index H = step.hidden, ahead = step.ahead_forward;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 4 * H;
    const S* HWY_RESTRICT c_prev = step.memory_prev + b * H;
    S* HWY_RESTRICT c_out = step.memory + b * H;
    S* HWY_RESTRICT h = step.h + b * step.h_stride;
    ForLanes<S>(H, [&](auto d, Index j) {
      __builtin_prefetch(c_out + ahead * H + j);
      __builtin_prefetch(h + ahead * step.h_stride + j);
      const auto i = GateSigmoid(d, PreActivation(d, step, gates, j));
      const auto f = GateSigmoid(d, PreActivation(d, step, gates, H + j));
      const auto g = GateTanh(d, PreActivation(d, step, gates, 2 * H + j));
      const auto o = GateSigmoid(d, PreActivation(d, step, gates, 3 * H + j));
      const auto c = hn::MulAdd(f, hn::LoadU(d, c_prev + j), hn::Mul(i, g));
      hn::StoreU(i, d, gates + j);
      hn::StoreU(f, d, gates + H + j);
      hn::StoreU(g, d, gates + 2 * H + j);
      hn::StoreU(o, d, gates + 3 * H + j);
      hn::StoreU(c, d, c_out + j);
      hn::StoreU(hn::Mul(o, GateTanh(d, c)), d, h + j);
    });
  }
}

template <typename S>
void LstmCellStateOf(const CellStep<S>& step) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    const S* HWY_RESTRICT gates = step.gates + b * 4 * H;
    const S* HWY_RESTRICT c_prev = step.memory_prev + b * H;
    S* HWY_RESTRICT c_out = step.memory + b * H;
    ForLanes<S>(H, [&](auto d, Index j) {
      const auto kept = hn::Mul(hn::LoadU(d, gates + j), hn::LoadU(d, gates + 2 * H + j));
      const auto f = hn::LoadU(d, gates + H + j);
      hn::StoreU(hn::MulAdd(f, hn::LoadU(d, c_prev + j), kept), d, c_out + j);
    });
  }
}

template <typename S>
void LstmBackwardOf(const CellStep<S>& step) {
  const Index H = step.hidden, ahead = step.ahead_backward;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 4 * H;
    const S* HWY_RESTRICT c_prev = step.memory_prev + b * H;
    const S* HWY_RESTRICT c = step.memory + b * H;
    const S* HWY_RESTRICT d_out = step.d_out + b * step.d_out_stride;
    S* HWY_RESTRICT d_h = step.d_h + b * H;
    S* HWY_RESTRICT d_c_carry = step.d_memory + b * H;
    ForLanes<S>(H, [&](auto d, Index j) {
      for (Index gate = 0; gate < 4; ++gate) {
        __builtin_prefetch(gates + (4 * ahead + gate) * H + j);
      }
      __builtin_prefetch(c_prev + ahead * H + j);
      __builtin_prefetch(d_out + ahead * step.d_out_stride + j);
      const auto o = hn::LoadU(d, gates + 3 * H + j);
      const auto tanh_c = GateTanh(d, hn::LoadU(d, c + j));
      const auto total = hn::Add(hn::LoadU(d, d_out + j), hn::LoadU(d, d_h + j));
      const auto d_c =
          hn::MulAdd(hn::Mul(total, o), TanhSlope(d, tanh_c), hn::LoadU(d, d_c_carry + j));
      CellStateBackward(d, H, j, d_c, c_prev, gates, d_c_carry);
      hn::StoreU(hn::Mul(hn::Mul(total, tanh_c), SigmoidSlope(d, o)), d, gates + 3 * H + j);
      hn::StoreU(hn::Zero(d), d, d_h + j);
    });
  }
}

}  // namespace

void LstmForwardFloat(const CellStep<float>& step) { LstmForwardOf(step); }
void LstmForwardDouble(const CellStep<double>& step) { LstmForwardOf(step); }
void LstmBackwardFloat(const CellStep<float>& step) { LstmBackwardOf(step); }
void LstmBackwardDouble(const CellStep<double>& step) { LstmBackwardOf(step); }
void LstmCellStateFloat(const CellStep<float>& step) { LstmCellStateOf(step); }
void LstmCellStateDouble(const CellStep<double>& step) { LstmCellStateOf(step); }

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(LstmForwardFloat);
HWY_EXPORT(LstmForwardDouble);
HWY_EXPORT(LstmBackwardFloat);
HWY_EXPORT(LstmBackwardDouble);
HWY_EXPORT(LstmCellStateFloat);
HWY_EXPORT(LstmCellStateDouble);

template <>
void LstmForward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(LstmForwardFloat)(step);
}
template <>
void LstmForward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(LstmForwardDouble)(step);
}
template <>
void LstmBackward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(LstmBackwardFloat)(step);
}
template <>
void LstmBackward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(LstmBackwardDouble)(step);
}
template <>
void LstmCellState(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(LstmCellStateFloat)(step);
}
template <>
void LstmCellState(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(LstmCellStateDouble)(step);
}

}  // namespace lockstep
#endif  // HWY_ONCE
