#include "worker/kernels/lstm_norm_cell.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/kernels/lstm_norm_cell.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "worker/kernels/layer_norm-inl.h"
#include "worker/kernels/lstm_gates-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {
namespace {

// tanh(cell_gain * normed + cell_bias) of equation (3).
template <class D, typename S>
HWY_INLINE hn::Vec<D> CellTanh(D d, const CellStep<S>& step, const S* normed, Index j) {
  return GateTanh(d, hn::MulAdd(hn::LoadU(d, step.cell_gain + j), hn::LoadU(d, normed + j),
                                hn::LoadU(d, step.cell_bias + j)));
}

template <typename S>
void LstmNormForwardOf(const CellStep<S>& step) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    S* HWY_RESTRICT gates = step.gates + b * 4 * H;
    S* HWY_RESTRICT normed = step.recurrent + b * H;
    const S* HWY_RESTRICT c_prev = step.memory_prev + b * H;
    S* HWY_RESTRICT c_out = step.memory + b * H;
    S* HWY_RESTRICT h = step.h + b * step.h_stride;
    ForLanes<S>(H, [&](auto d, Index j) {
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
      hn::StoreU(c, d, normed + j);
    });
    NormaliseRow(H, normed);
    ForLanes<S>(H, [&](auto d, Index j) {
      const auto o = hn::LoadU(d, gates + 3 * H + j);
      hn::StoreU(hn::Mul(o, CellTanh(d, step, normed, j)), d, h + j);
    });
  }
}

// Through equation (3): sets the gradient of o, and replaces row b of d_h by that of c.
template <typename S>
HWY_INLINE void OutputBackward(const CellStep<S>& step, Index b) {
  const Index H = step.hidden;
  S* HWY_RESTRICT gates = step.gates + b * 4 * H;
  S* HWY_RESTRICT normed = step.recurrent + b * H;
  const S* HWY_RESTRICT c = step.memory + b * H;
  const S* HWY_RESTRICT d_out = step.d_out + b * step.d_out_stride;
  S* HWY_RESTRICT d_h = step.d_h + b * H;
  ForLanes<S>(H, [&](auto d, Index j) { hn::StoreU(hn::LoadU(d, c + j), d, normed + j); });
  const S scale = NormaliseRow(H, normed);
  ForLanes<S>(H, [&](auto d, Index j) {
    const auto o = hn::LoadU(d, gates + 3 * H + j);
    const auto tanh = CellTanh(d, step, normed, j);
    const auto total = hn::Add(hn::LoadU(d, d_out + j), hn::LoadU(d, d_h + j));
    const auto d_sum = hn::Mul(hn::Mul(total, o), TanhSlope(d, tanh));
    const auto d_gain = hn::Mul(d_sum, hn::LoadU(d, normed + j));
    hn::StoreU(hn::Add(hn::LoadU(d, step.d_cell_gain + j), d_gain), d, step.d_cell_gain + j);
    hn::StoreU(hn::Add(hn::LoadU(d, step.d_cell_bias + j), d_sum), d, step.d_cell_bias + j);
    hn::StoreU(hn::Mul(hn::Mul(total, tanh), SigmoidSlope(d, o)), d, gates + 3 * H + j);
    hn::StoreU(d_sum, d, d_h + j);
  });
  NormaliseRowBackward<S>(H, normed, scale, step.cell_gain, d_h, d_h);
}

template <typename S>
void LstmNormBackwardOf(const CellStep<S>& step) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    OutputBackward(step, b);
    S* HWY_RESTRICT gates = step.gates + b * 4 * H;
    const S* HWY_RESTRICT c_prev = step.memory_prev + b * H;
    S* HWY_RESTRICT d_h = step.d_h + b * H;
    S* HWY_RESTRICT d_c_carry = step.d_memory + b * H;
    ForLanes<S>(H, [&](auto d, Index j) {
      const auto d_c = hn::Add(hn::LoadU(d, d_h + j), hn::LoadU(d, d_c_carry + j));
      CellStateBackward(d, H, j, d_c, c_prev, gates, d_c_carry);
      hn::StoreU(hn::Zero(d), d, d_h + j);
    });
  }
}

}  // namespace

void LstmNormForwardFloat(const CellStep<float>& step) { LstmNormForwardOf(step); }
void LstmNormForwardDouble(const CellStep<double>& step) { LstmNormForwardOf(step); }
void LstmNormBackwardFloat(const CellStep<float>& step) { LstmNormBackwardOf(step); }
void LstmNormBackwardDouble(const CellStep<double>& step) { LstmNormBackwardOf(step); }

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {

HWY_EXPORT(LstmNormForwardFloat);
HWY_EXPORT(LstmNormForwardDouble);
HWY_EXPORT(LstmNormBackwardFloat);
HWY_EXPORT(LstmNormBackwardDouble);

template <>
void LstmNormForward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(LstmNormForwardFloat)(step);
}
template <>
void LstmNormForward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(LstmNormForwardDouble)(step);
}
template <>
void LstmNormBackward(const CellStep<float>& step) {
  HWY_DYNAMIC_DISPATCH(LstmNormBackwardFloat)(step);
}
template <>
void LstmNormBackward(const CellStep<double>& step) {
  HWY_DYNAMIC_DISPATCH(LstmNormBackwardDouble)(step);
}

}  // namespace lockstep
#endif  // HWY_ONCE
