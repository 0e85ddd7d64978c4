// The backward walk of a direction (worker/layers/direction_pass.h).
#include "base/error.h"
#include "worker/kernels/elman_cell.h"
#include "worker/kernels/gru_cell.h"
#include "worker/kernels/lstm_cell.h"
#include "worker/kernels/lstm_norm_cell.h"
#include "worker/layers/direction_pass.h"
#include "worker/layers/gradient_trace.h"

namespace lockstep {
namespace {

template <typename S>
auto BackwardKernel(CellKind cell) -> void (*)(const CellStep<S>&) {
  switch (cell) {
    case CellKind::kRnnTanh:
      return ElmanTanhBackward<S>;
    case CellKind::kRnnRelu:
      return ElmanReluBackward<S>;
    case CellKind::kGru:
    case CellKind::kGruLn:
      return GruBackward<S>;
    case CellKind::kLstm:
      return LstmBackward<S>;
    case CellKind::kLstmLn:
      return LstmNormBackward<S>;
    case CellKind::kGruResetBefore:
      break;
  }
  LOCKSTEP_CHECK(false);
}

}  // namespace

template <typename S>
typename DirectionPass<S>::RecurrentWeights DirectionPass<S>::PackBackward() const {
  const auto pack = [&](Index rows, const S* weights) {
    return Pack(shape_.precision, Op::kAsIs, rows, H_, weights, H_, workspace_);
  };
  if (!HasCandidate(shape_.cell)) return {pack(GH_, a_.weight_hh), {}};
  const PackedMatrix<S> gates = pack(2 * H_, a_.weight_hh);
  return {gates, pack(H_, a_.weight_hh + 2 * H_ * H_)};
}

template <typename S>
void DirectionPass<S>::PrepareBackward() {
  EnterPhase(Phase::kPacking);
  const Index count = layout_.sequences() * H_;
  states_.zeros = TakeZeros<S>(count, workspace_);
  states_.recurrent = workspace_->Take<S>(count);
  states_.d_h = TakeZeros<S>(count, workspace_);
  states_.d_memory = TakeZeros<S>(count, workspace_);
  if (zoneout_.on()) zoneout_.Prepare(states_, workspace_);
  gradients_.Prepare();
  backward_weights_ = PackBackward();
  if (a_.d_x != nullptr) {
    d_input_weights_ = Pack(shape_.precision, Op::kAsIs, GH_, I_, a_.weight_ih, I_, workspace_);
  }
  if (!shape_.recompute) return;
  SetForwardWeights();
}

// d_h row b carries the gradient of the state that sequence b handed on. Rows not yet met in this
// walk are zero; rows whose sequence started at the step just left keep the gradient of their
// initial state. There it ends if the state was carried from an earlier part, which is not changed
// by it; a state that was computed for this slot gets its gradient.
template <typename S>
void DirectionPass<S>::Backward() {
  const Index mark = workspace_->used_bytes(), blocks = walk_.blocks();
  PrepareBackward();
  for (Index i = 0; i < blocks; ++i) BackwardBlock(walk_.Block(walk_.Nth(i, blocks, true)));
  EndBackward();
  EnterPhase(Phase::kOther);
  workspace_->Rewind(mark);
}

template <typename S>
void DirectionPass<S>::KeepInitialGradient() const {
  const Index count = layout_.sequences() * H_;
  const CarriedRows<S>& carried = a_.carried;
  if (carried.d_initial_output != nullptr) {
    std::copy_n(states_.d_h, count, carried.d_initial_output);
  }
  if (carried.d_initial_memory != nullptr) {
    std::copy_n(states_.d_memory, count, carried.d_initial_memory);
  }
}

template <typename S>
void DirectionPass<S>::EndBackward() {
  gradients_.AddBiases();
  KeepInitialGradient();
}

// Normalised products need the weight gradients before the input gradient.
template <typename S>
void DirectionPass<S>::BackwardBlock(const TimeBlock& block) {
  const bool normalised = IsNormalised(shape_.cell);
  const Index strips = walk_.strips(block);
  if (shape_.recompute) ForwardBlock(block);
  walk_.Enter(block);
  for (Index i = 0; i < strips; ++i) {
    const TimeBlock strip = walk_.Strip(block, walk_.Nth(i, strips, true));
    BackwardSteps(strip);
    if (!normalised) AddInputGradient(strip);
  }
  gradients_.AddBlock(block);
  if (normalised) AddInputGradient(block);
}

// The weight gradients of a block follow when all its steps have been walked: few rows at a time
// would pass over all of the gradient again and again.
template <typename S>
void DirectionPass<S>::BackwardOne(Index t) {
  const TimeBlock step = walk_.OneStep(t), block = walk_.BlockOf(t);
  walk_.Enter(step);
  BackwardSteps(step);
  if (IsNormalised(shape_.cell)) gradients_.AddBlock(step);
  AddInputGradient(step);
  if (!IsNormalised(shape_.cell) && t == block.first) gradients_.AddBlock(block);
}

template <typename S>
void DirectionPass<S>::BackwardSteps(const TimeBlock& strip) {
  const Index steps = strip.last - strip.first;
  for (Index i = 0; i < steps; ++i) {
    const Index t = strip.first + walk_.Nth(i, steps, true);
    TraceStep(t);
    if (zoneout_.on()) zoneout_.BeforeBackward(t);
    if (shape_.cell == CellKind::kGruResetBefore) {
      BackwardStepResetBefore(t);
    } else {
      BackwardStep(t);
    }
    if (zoneout_.on()) zoneout_.AfterBackward(t);
    if (a_.observer != nullptr) a_.observer->BetweenSteps();
  }
}

// Before the step: d_h and d_memory are what the states of t get from the step walked before.
template <typename S>
void DirectionPass<S>::TraceStep(Index t) const {
  GradientTrace* const trace = TraceOf(a_.observer);
  if (trace == nullptr) return;
  trace->AddStep(layout_, t, H_, a_.d_y, shape_.y_stride, states_.d_h, states_.d_memory);
}

template <typename S>
void DirectionPass<S>::ForCellBackward(Index t, void (*kernel)(const CellStep<S>&)) const {
  if (!zoneout_.on()) return walk_.ForSteps(t, states_, kernel);
  walk_.ForSteps(t, states_, [&](const CellStep<S>& step) { kernel(zoneout_.CellOnly(step)); });
}

template <typename S>
void DirectionPass<S>::BackwardStep(Index t) {
  const Index continuing = walk_.Continuing(t);
  const bool normalised = IsNormalised(shape_.cell);
  EnterPhase(Phase::kGates);
  ForCellBackward(t, BackwardKernel<S>(shape_.cell));
  if (normalised) norm_.RecurrentBackward(t);
  EnterPhase(Phase::kRecurrentProduct);
  const PanelOrder order = OrderOfStep(t);
  MultiplyFewRows(order, continuing, normalised ? norm_.RecurrentProduct(t) : walk_.Gates(t), GH_,
                  backward_weights_.gates, true, states_.d_h, H_, workspace_);
  if (shape_.cell != CellKind::kGru) return;
  MultiplyFewRows(order, continuing, walk_.Memory(t), H_, backward_weights_.candidate, true,
                  states_.d_h, H_, workspace_);
}

template <typename S>
void DirectionPass<S>::BackwardStepResetBefore(Index t) {
  ForCellBackward(t, GruResetBeforeCandidateBackward<S>);
  Multiply(layout_.active(t), walk_.Gates(t) + 2 * H_, GH_, backward_weights_.candidate, false,
           states_.recurrent, H_, workspace_);
  walk_.ForSteps(t, states_, GruResetBeforeGatesBackward<S>);
  Multiply(walk_.Continuing(t), walk_.Gates(t), GH_, backward_weights_.gates, true, states_.d_h, H_,
           workspace_);
}

template <typename S>
void DirectionPass<S>::AddInputGradient(const TimeBlock& rows) {
  if (a_.d_x == nullptr) return;
  EnterPhase(Phase::kInputGradient);
  Multiply(rows.rows, walk_.Gates(rows.first), GH_, d_input_weights_, a_.d_x_adds,
           a_.d_x + rows.row * I_, I_, workspace_);
}

template void DirectionPass<float>::Backward();
template void DirectionPass<double>::Backward();
template void DirectionPass<float>::BackwardOne(Index);
template void DirectionPass<double>::BackwardOne(Index);
template void DirectionPass<float>::PrepareBackward();
template void DirectionPass<double>::PrepareBackward();
template void DirectionPass<float>::EndBackward();
template void DirectionPass<double>::EndBackward();

}  // namespace lockstep
