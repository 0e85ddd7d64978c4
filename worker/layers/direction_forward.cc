// The forward walk of a direction (worker/layers/direction_pass.h).
#include <array>

#include "base/error.h"
#include "worker/kernels/elman_cell.h"
#include "worker/kernels/gru_cell.h"
#include "worker/kernels/lstm_cell.h"
#include "worker/kernels/lstm_norm_cell.h"
#include "worker/layers/direction_pass.h"

namespace lockstep {
namespace {

// The cells whose step is one kernel after the products.
template <typename S>
auto ForwardKernel(CellKind cell) -> void (*)(const CellStep<S>&) {
  switch (cell) {
    case CellKind::kRnnTanh:
      return ElmanTanhForward<S>;
    case CellKind::kRnnRelu:
      return ElmanReluForward<S>;
    case CellKind::kGru:
    case CellKind::kGruLn:
      return GruForward<S>;
    case CellKind::kLstm:
      return LstmForward<S>;
    case CellKind::kLstmLn:
      return LstmNormForward<S>;
    case CellKind::kGruResetBefore:
      break;
  }
  LOCKSTEP_CHECK(false);
}

}  // namespace

template <typename S>
void DirectionPass<S>::SetForwardWeights() {
  forward_weights_ = a_.packed != nullptr
                         ? *a_.packed
                         : PackForward(shape_, a_.weight_ih, a_.weight_hh, workspace_);
}

template <typename S>
void DirectionPass<S>::PrepareForward() {
  EnterPhase(Phase::kPacking);
  states_.zeros = TakeZeros<S>(layout_.sequences() * H_, workspace_);
  states_.recurrent = workspace_->Take<S>(layout_.sequences() * H_);
  if (zoneout_.on()) zoneout_.Prepare(states_, workspace_);
  SetForwardWeights();
}

template <typename S>
void DirectionPass<S>::Forward() {
  const Index mark = workspace_->used_bytes(), blocks = walk_.blocks();
  PrepareForward();
  for (Index i = 0; i < blocks; ++i) ForwardBlock(walk_.Block(walk_.Nth(i, blocks, false)));
  KeepFinalState();
  EnterPhase(Phase::kOther);
  workspace_->Rewind(mark);
}

template <typename S>
void DirectionPass<S>::ForwardBlock(const TimeBlock& block) {
  walk_.Enter(block);
  const Index strips = walk_.strips(block);
  for (Index i = 0; i < strips; ++i) ForwardStrip(walk_.Strip(block, walk_.Nth(i, strips, false)));
  S* const border = walk_.Border(block.index);
  const Index t = shape_.reverse ? block.first : block.last - 1;
  if (border != nullptr) std::copy_n(walk_.Memory(t), layout_.active(t) * H_, border);
}

template <typename S>
void DirectionPass<S>::ForwardStrip(const TimeBlock& strip) {
  const bool at_once = MultipliesAtOnce(strip);
  if (!at_once) MultiplyInput(strip);
  const Index steps = strip.last - strip.first;
  for (Index i = 0; i < steps; ++i) {
    const Index t = strip.first + walk_.Nth(i, steps, false);
    if (i + 1 < steps) PrefetchGates(strip.first + walk_.Nth(i + 1, steps, false));
    if (at_once) {
      ForwardStepAtOnce(t);
    } else {
      ForwardStep(t);
    }
    if (zoneout_.on()) zoneout_.AfterForward(t);
    if (a_.observer != nullptr) a_.observer->BetweenSteps();
  }
}

// For few rows, whose gates are pushed out of the second-level cache by the weights that pass
// through it in every step, and would be waited for panel by panel.
template <typename S>
void DirectionPass<S>::PrefetchGates(Index t) const {
  constexpr Index kLine = kAlignmentBytes / Index{sizeof(S)};
  if (layout_.active(t) > kMostFewRows) return;
  const S* const gates = walk_.Gates(t);
  for (Index i = 0; i < layout_.active(t) * GH_; i += kLine) __builtin_prefetch(gates + i, 0, 2);
}

template <typename S>
void DirectionPass<S>::MultiplyInput(const TimeBlock& strip) {
  EnterPhase(Phase::kInputProduct);
  const bool normalised = IsNormalised(shape_.cell);
  MultiplyFewRows(
      PanelOrder::kAscending, strip.rows, a_.x + strip.row * I_, I_, forward_weights_.input, false,
      normalised ? norm_.InputProduct(strip) : walk_.Gates(strip.first), GH_, workspace_);
  if (normalised) norm_.NormaliseInput(strip);
}

// Whether the strip is one step, as a part of a stream is, whose products can be one pass over all
// weights: they are only added up, and all rows continue.
template <typename S>
bool DirectionPass<S>::MultipliesAtOnce(const TimeBlock& strip) const {
  return strip.last - strip.first == 1 && strip.rows <= kMostFewRows &&
         walk_.Continuing(strip.first) == strip.rows && !IsNormalised(shape_.cell) &&
         shape_.cell != CellKind::kGruResetBefore;
}

template <typename S>
void DirectionPass<S>::ForwardStepAtOnce(Index t) {
  EnterPhase(Phase::kRecurrentProduct);
  const Index row = layout_.row_start(t), stride = walk_.PreviousStride(t);
  const S* const h_prev = walk_.PreviousOutput(t);
  S* const gates = walk_.Gates(t);
  const PackedDirection<S>& weights = forward_weights_;
  const StepProduct<S> input{a_.x + row * I_, I_, &weights.input, false, gates, GH_, 0};
  const std::array<StepProduct<S>, 2> recurrent = {
      {{h_prev, stride, &weights.gates, true, gates, GH_, 0},
       {h_prev, stride, &weights.candidate, false, states_.recurrent, H_, 2 * H_}}};
  const std::size_t count = HasCandidate(shape_.cell) ? 2 : 1;
  MultiplyStep(OrderAt(t), layout_.active(t), input, std::span(recurrent).first(count), workspace_);
  EnterPhase(Phase::kGates);
  walk_.ForSteps(t, states_, ForwardKernel<S>(shape_.cell));
}

// Sequences that end before the last step have no steps that could follow.
template <typename S>
void DirectionPass<S>::KeepFinalState() const {
  const CarriedRows<S>& carried = a_.carried;
  if (carried.final_output == nullptr) return;
  const Index last = layout_.steps() - 1, rows = layout_.active(last);
  for (Index b = 0; b < rows; ++b) {
    std::copy_n(a_.y + layout_.Row(last, b) * shape_.y_stride, H_, carried.final_output + b * H_);
  }
  if (HasMemory(shape_.cell)) std::copy_n(walk_.Memory(last), rows * H_, carried.final_memory);
}

// Recurrent products are added to the input products that stand in the gates, but for that of
// kGru's candidate, which the reset gate comes before.
template <typename S>
void DirectionPass<S>::AddRecurrentProduct(Index t) {
  const Index continuing = walk_.Continuing(t);
  const S* const h_prev = continuing > 0 ? walk_.PreviousOutput(t) : nullptr;
  MultiplyFewRows(OrderAt(t), continuing, h_prev, walk_.PreviousStride(t), forward_weights_.gates,
                  true, walk_.Gates(t), GH_, workspace_);
}

template <typename S>
void DirectionPass<S>::ForwardStepGru(Index t) {
  const Index continuing = walk_.Continuing(t);
  const S* const h_prev = continuing > 0 ? walk_.PreviousOutput(t) : nullptr;
  EnterPhase(Phase::kRecurrentProduct);
  const PanelOrder order = OrderAt(t);
  // Descending, the panels of the candidate come first: the step before it ended with them.
  if (order == PanelOrder::kAscending) AddRecurrentProduct(t);
  MultiplyFewRows(order, continuing, h_prev, walk_.PreviousStride(t), forward_weights_.candidate,
                  false, states_.recurrent, H_, workspace_);
  if (order == PanelOrder::kDescending) AddRecurrentProduct(t);
  std::fill(states_.recurrent + continuing * H_, states_.recurrent + layout_.active(t) * H_, S(0));
  EnterPhase(Phase::kGates);
  walk_.ForSteps(t, states_, GruForward<S>);
}

template <typename S>
void DirectionPass<S>::ForwardStep(Index t) {
  if (IsNormalised(shape_.cell)) return ForwardStepNormalised(t);
  if (shape_.cell == CellKind::kGru) return ForwardStepGru(t);
  EnterPhase(Phase::kRecurrentProduct);
  AddRecurrentProduct(t);
  if (shape_.cell == CellKind::kGruResetBefore) {
    walk_.ForSteps(t, states_, GruResetBeforeGates<S>);
    MultiplyFewRows(OrderAt(t), walk_.Continuing(t), walk_.Memory(t), H_,
                    forward_weights_.candidate, true, walk_.Gates(t) + 2 * H_, GH_, workspace_);
    return walk_.ForSteps(t, states_, GruResetBeforeCandidate<S>);
  }
  EnterPhase(Phase::kGates);
  walk_.ForSteps(t, states_, ForwardKernel<S>(shape_.cell));
}

template <typename S>
void DirectionPass<S>::ForwardStepNormalised(Index t) {
  const Index continuing = walk_.Continuing(t);
  EnterPhase(Phase::kRecurrentProduct);
  const S* const h_prev = continuing > 0 ? walk_.PreviousOutput(t) : nullptr;
  MultiplyFewRows(OrderAt(t), continuing, h_prev, walk_.PreviousStride(t), forward_weights_.gates,
                  false, norm_.RecurrentProduct(t), GH_, workspace_);
  EnterPhase(Phase::kGates);
  norm_.NormaliseRecurrent(t, states_.recurrent);
  walk_.ForSteps(t, states_, ForwardKernel<S>(shape_.cell));
}

template void DirectionPass<float>::PrepareForward();
template void DirectionPass<double>::PrepareForward();
template void DirectionPass<float>::SetForwardWeights();
template void DirectionPass<double>::SetForwardWeights();
template void DirectionPass<float>::Forward();
template void DirectionPass<double>::Forward();
template void DirectionPass<float>::ForwardBlock(const TimeBlock&);
template void DirectionPass<double>::ForwardBlock(const TimeBlock&);

}  // namespace lockstep
