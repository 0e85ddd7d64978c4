#include "worker/layers/direction_pass.h"

#include <array>

#include "base/error.h"
#include "worker/kernels/elman_cell.h"
#include "worker/kernels/gru_cell.h"
#include "worker/kernels/lstm_cell.h"
#include "worker/kernels/lstm_norm_cell.h"
#include "worker/layers/gradient_trace.h"

namespace lockstep {
namespace {

template <typename S>
using CellKernel = void (*)(const CellStep<S>&);

// The cells whose step is one kernel after the products.
template <typename S>
CellKernel<S> ForwardKernel(CellKind cell) {
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

template <typename S>
CellKernel<S> BackwardKernel(CellKind cell) {
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
DirectionPass<S>::DirectionPass(const DirectionShape& shape, const PackedLayout& layout,
                                const DirectionArrays<S>& arrays, Workspace* workspace)
    : shape_(shape),
      I_(shape.input_size),
      H_(shape.hidden_size),
      GH_(shape.gate_width()),
      layout_(layout),
      a_(arrays),
      workspace_(workspace),
      walk_(shape, layout, arrays),
      norm_(shape, a_, layout, walk_),
      zoneout_(shape, a_, layout, walk_),
      gradients_(shape, layout, a_, walk_, norm_, workspace) {}

// Counts what PrepareForward and PrepareBackward take together, which recomputing needs; a GRU's
// recurrent weights are packed in two pieces, whose roundings add up.
template <typename S>
Index DirectionPass<S>::ScratchBytes(const DirectionShape& shape, const SlotBounds& bounds) {
  const Index I = shape.input_size, H = shape.hidden_size, GH = shape.gate_width();
  const auto bytes = [](Index count) { return Workspace::BytesFor<S>(count); };
  const auto packed = [&](Index k, Index n) { return PackedBytes<S>(shape.precision, k, n); };
  const auto recurrent = [&](Index k, Index n, Index k2, Index n2) {
    return std::max(packed(k, n), packed(k2, n2) + packed(H, H));
  };
  const Index states = 4 * bytes(bounds.sequences * H) + bytes(GH) + bytes(H);
  const Index weights =
      packed(I, GH) + recurrent(H, GH, H, 2 * H) + packed(GH, I) + recurrent(GH, H, 2 * H, H);
  const Index previous = bytes(DirectionWalk<S>::BlockRows(bounds) * H);
  return states + StepZoneout<S>::ScratchBytes(shape, bounds) + weights +
         std::max(MultiplyBytes<S>(shape.precision, std::max({I, H, GH})),
                  previous + AddTransposedBytes<S>(shape.precision, GH, std::max(I, H)));
}

template <typename S>
PackedDirection<S> DirectionPass<S>::PackForward(const DirectionShape& shape, const S* weight_ih,
                                                 const S* weight_hh, Workspace* workspace) {
  const Index H = shape.hidden_size, GH = shape.gate_width();
  const auto pack = [&](Index rows, Index columns, const S* weights) {
    return Pack(shape.precision, Op::kTransposed, columns, rows, weights, columns, workspace);
  };
  const bool apart = HasCandidate(shape.cell);
  PackedDirection<S> packed;
  packed.input = pack(GH, shape.input_size, weight_ih);
  packed.gates = pack(apart ? 2 * H : GH, H, weight_hh);
  if (apart) packed.candidate = pack(H, H, weight_hh + 2 * H * H);
  return packed;
}

template <typename S>
Index DirectionPass<S>::PackedForwardBytes(const DirectionShape& shape) {
  const Index H = shape.hidden_size, GH = shape.gate_width();
  const auto packed = [&](Index k, Index n) { return PackedBytes<S>(shape.precision, k, n); };
  return packed(shape.input_size, GH) + std::max(packed(H, GH), packed(H, 2 * H) + packed(H, H));
}

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

template class DirectionPass<float>;
template class DirectionPass<double>;

}  // namespace lockstep
