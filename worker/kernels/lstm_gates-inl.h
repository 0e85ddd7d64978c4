// What the kernels of all LSTM cells share, for one group of lanes; Highway compiles it once for
// each instruction set. Equations are those of lstm_cell.h. The include guard is unusual because
// the file is included once for every target.
#if defined(LOCKSTEP_LSTM_GATES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LOCKSTEP_LSTM_GATES_INL_H_
#undef LOCKSTEP_LSTM_GATES_INL_H_
#else
#define LOCKSTEP_LSTM_GATES_INL_H_
#endif

#include "worker/kernels/cell_step.h"
#include "worker/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

// The sum before the activation, for the gate whose columns start at `column`.
template <class D, typename S>
HWY_INLINE hn::Vec<D> PreActivation(D d, const CellStep<S>& step, const S* gates, Index column) {
  const auto bias = hn::Add(hn::LoadU(d, step.bias_x + column), hn::LoadU(d, step.bias_h + column));
  return hn::Add(hn::LoadU(d, gates + column), bias);
}

// Backward through (2) and the activations of i, f and g in the lanes from j on. d_c is the
// gradient of c. Sets the gates i, f and g of a row [4H] to the gradients of the sums before them,
// and d_c_carry [H] to the gradient of c_prev [H].
template <class D, typename S>
HWY_INLINE void CellStateBackward(D d, Index H, Index j, hn::Vec<D> d_c,
                                  const S* HWY_RESTRICT c_prev, S* HWY_RESTRICT gates,
                                  S* HWY_RESTRICT d_c_carry) {
  const auto i = hn::LoadU(d, gates + j);
  const auto f = hn::LoadU(d, gates + H + j);
  const auto g = hn::LoadU(d, gates + 2 * H + j);
  hn::StoreU(hn::Mul(hn::Mul(d_c, g), SigmoidSlope(d, i)), d, gates + j);
  hn::StoreU(hn::Mul(hn::Mul(d_c, hn::LoadU(d, c_prev + j)), SigmoidSlope(d, f)), d, gates + H + j);
  hn::StoreU(hn::Mul(hn::Mul(d_c, i), TanhSlope(d, g)), d, gates + 2 * H + j);
  hn::StoreU(hn::Mul(d_c, f), d, d_c_carry + j);
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#endif  // include guard
