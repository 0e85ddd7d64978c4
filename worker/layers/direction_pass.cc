#include "worker/layers/direction_pass.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"
#include "worker/kernels/elman_cell.h"
#include "worker/kernels/gru_cell.h"
#include "worker/kernels/lstm_cell.h"
#include "worker/kernels/packed_product.h"

namespace lockstep {
namespace {

template <typename S>
using CellKernel = void (*)(const CellStep<S>&);

// The cells whose step is one recurrent product and one kernel.
template <typename S>
CellKernel<S> ForwardKernel(CellKind cell) {
  switch (cell) {
    case CellKind::kRnnTanh:
      return ElmanTanhForward<S>;
    case CellKind::kRnnRelu:
      return ElmanReluForward<S>;
    case CellKind::kGru:
      return GruForward<S>;
    case CellKind::kLstm:
      return LstmForward<S>;
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
      return GruBackward<S>;
    case CellKind::kLstm:
      return LstmBackward<S>;
    case CellKind::kGruResetBefore:
      break;
  }
  LOCKSTEP_CHECK(false);
}

template <typename S>
S* TakeZeros(Workspace* workspace, Index count) {
  S* zeros = workspace->Take<S>(count);
  std::fill_n(zeros, count, S(0));
  return zeros;
}

}  // namespace

template <typename S>
DirectionPass<S>::DirectionPass(CellKind cell, Index input_size, Index hidden_size, Index y_stride,
                                bool reverse, const PackedLayout& layout,
                                const DirectionArrays<S>& arrays, Workspace* workspace)
    : cell_(cell),
      I_(input_size),
      H_(hidden_size),
      GH_(GateCount(cell) * hidden_size),
      y_stride_(y_stride),
      reverse_(reverse),
      layout_(layout),
      a_(arrays),
      workspace_(workspace) {}

template <typename S>
Index DirectionPass<S>::ScratchBytes(CellKind cell, Index hidden_size, const SlotBounds& bounds) {
  const Index H = hidden_size, GH = GateCount(cell) * H;
  const auto bytes = [](Index count) { return Workspace::BytesFor<S>(count); };
  const Index packed = std::max(PackedElements<S>(H, GH), PackedElements<S>(GH, H));
  return 3 * bytes(bounds.sequences * H) + bytes(bounds.rows * GH) + bytes(bounds.rows * H) +
         bytes(packed) + bytes(PackedElements<S>(H, H)) + bytes(GH);
}

template <typename S>
void DirectionPass<S>::PackRecurrentWeights(Op op) {
  const bool reset_before = cell_ == CellKind::kGruResetBefore;
  const auto pack = [&](Index gates, const S* weights) {
    const Index k = op == Op::kTransposed ? H_ : gates, n = op == Op::kTransposed ? gates : H_;
    S* const packed = workspace_->Take<S>(PackedElements<S>(k, n));
    Pack(op, k, n, weights, H_, packed);
    return packed;
  };
  packed_ = pack(reset_before ? 2 * H_ : GH_, a_.weight_hh);
  if (reset_before) packed_candidate_ = pack(H_, a_.weight_hh + 2 * H_ * H_);
}

template <typename S>
Index DirectionPass<S>::Previous(Index t) const {
  if (!reverse_) return t - 1;
  return t + 1 < layout_.steps() ? t + 1 : -1;
}

template <typename S>
Index DirectionPass<S>::Continuing(Index t) const {
  const Index previous = Previous(t);
  return previous < 0 ? 0 : std::min(layout_.active(t), layout_.active(previous));
}

template <typename S>
const S* DirectionPass<S>::PreviousOutput(Index t) const {
  return a_.y + layout_.row_start(Previous(t)) * y_stride_;
}

// Rows [first, last) of block t: all of them continue, or all of them start from the zero state.
template <typename S>
CellStep<S> DirectionPass<S>::StepRows(Index t, Index first, Index last) const {
  const Index row = layout_.row_start(t) + first;
  const bool starts = first >= Continuing(t);
  const Index previous_row = starts ? 0 : layout_.row_start(Previous(t)) + first;
  CellStep<S> step;
  step.rows = last - first;
  step.hidden = H_;
  step.bias_x = a_.bias_ih;
  step.bias_h = a_.bias_hh;
  step.gates = a_.gates + row * GH_;
  step.recurrent = recurrent_ + first * GH_;
  step.memory = a_.memory + row * H_;
  step.memory_prev = starts ? zeros_ : a_.memory + previous_row * H_;
  step.h_prev = starts ? zeros_ : a_.y + previous_row * y_stride_;
  step.h_prev_stride = starts ? H_ : y_stride_;
  step.h = a_.y + row * y_stride_;
  step.h_stride = y_stride_;
  step.d_out = a_.d_y == nullptr ? nullptr : a_.d_y + row * y_stride_;
  step.d_out_stride = y_stride_;
  step.d_h = d_h_ + first * H_;
  step.d_memory = d_memory_ + first * H_;
  return step;
}

template <typename S>
template <typename Kernel>
void DirectionPass<S>::ForContinuingAndStarting(Index t, const Kernel& kernel) const {
  const Index continuing = Continuing(t);
  if (continuing > 0) kernel(StepRows(t, 0, continuing));
  if (continuing < layout_.active(t)) kernel(StepRows(t, continuing, layout_.active(t)));
}

template <typename S>
void DirectionPass<S>::Forward() {
  const Index mark = workspace_->used_bytes();
  const Index B = layout_.sequences();
  zeros_ = TakeZeros<S>(workspace_, B * H_);
  recurrent_ = workspace_->Take<S>(B * GH_);
  PackRecurrentWeights(Op::kTransposed);
  Gemm(Op::kAsIs, Op::kTransposed, layout_.rows(), GH_, I_, a_.x, I_, a_.weight_ih, I_, S(0),
       a_.gates, GH_);
  for (Index i = 0; i < layout_.steps(); ++i) {
    const Index t = reverse_ ? layout_.steps() - 1 - i : i;
    if (a_.observer != nullptr) a_.observer->BetweenSteps();
    if (cell_ == CellKind::kGruResetBefore) {
      ForwardStepResetBefore(t);
    } else {
      ForwardStep(t);
    }
  }
  workspace_->Rewind(mark);
}

template <typename S>
void DirectionPass<S>::ForwardStep(Index t) {
  const Index continuing = Continuing(t);
  if (continuing > 0) {
    MultiplyPacked(continuing, GH_, H_, PreviousOutput(t), y_stride_, packed_, false, recurrent_,
                   GH_);
  }
  std::fill(recurrent_ + continuing * GH_, recurrent_ + layout_.active(t) * GH_, S(0));
  ForContinuingAndStarting(t, ForwardKernel<S>(cell_));
}

template <typename S>
void DirectionPass<S>::ForwardStepResetBefore(Index t) {
  const Index continuing = Continuing(t);
  std::fill(recurrent_ + continuing * GH_, recurrent_ + layout_.active(t) * GH_, S(0));
  if (continuing > 0) {
    MultiplyPacked(continuing, 2 * H_, H_, PreviousOutput(t), y_stride_, packed_, false, recurrent_,
                   GH_);
  }
  ForContinuingAndStarting(t, GruResetBeforeGates<S>);
  if (continuing > 0) {
    MultiplyPacked(continuing, H_, H_, a_.memory + layout_.row_start(t) * H_, H_, packed_candidate_,
                   false, recurrent_ + 2 * H_, GH_);
  }
  ForContinuingAndStarting(t, GruResetBeforeCandidate<S>);
}

// d_h_ row b carries the gradient of the state that sequence b handed on. Rows not yet met in this
// walk are zero; rows whose sequence started at the step just left keep the gradient of their
// initial state.
template <typename S>
void DirectionPass<S>::Backward() {
  const Index mark = workspace_->used_bytes();
  const Index B = layout_.sequences();
  zeros_ = TakeZeros<S>(workspace_, B * H_);
  d_h_ = TakeZeros<S>(workspace_, B * H_);
  d_memory_ = TakeZeros<S>(workspace_, B * H_);
  S* const recurrent = workspace_->Take<S>(layout_.rows() * GH_);
  PackRecurrentWeights(Op::kAsIs);
  for (Index i = layout_.steps() - 1; i >= 0; --i) {
    const Index t = reverse_ ? layout_.steps() - 1 - i : i;
    if (a_.observer != nullptr) a_.observer->BetweenSteps();
    if (cell_ == CellKind::kGruResetBefore) {
      recurrent_ = recurrent;
      BackwardStepResetBefore(t);
    } else {
      recurrent_ = recurrent + layout_.row_start(t) * GH_;
      BackwardStep(t);
    }
  }
  recurrent_ = recurrent;
  AddWeightGradients();
  workspace_->Rewind(mark);
}

template <typename S>
void DirectionPass<S>::BackwardStep(Index t) {
  ForContinuingAndStarting(t, BackwardKernel<S>(cell_));
  const S* d_product = cell_ == CellKind::kGru ? recurrent_ : a_.gates + layout_.row_start(t) * GH_;
  MultiplyPacked(Continuing(t), H_, GH_, d_product, GH_, packed_, true, d_h_, H_);
}

template <typename S>
void DirectionPass<S>::BackwardStepResetBefore(Index t) {
  const Index n = layout_.active(t);
  const S* d_gates = a_.gates + layout_.row_start(t) * GH_;
  ForContinuingAndStarting(t, GruResetBeforeCandidateBackward<S>);
  MultiplyPacked(n, H_, H_, d_gates + 2 * H_, GH_, packed_candidate_, false, recurrent_, H_);
  ForContinuingAndStarting(t, [&](CellStep<S> step) {
    step.recurrent = recurrent_ + (step.recurrent - recurrent_) / GH_ * H_;
    GruResetBeforeGatesBackward(step);
  });
  MultiplyPacked(Continuing(t), H_, 2 * H_, d_gates, GH_, packed_, true, d_h_, H_);
}

template <typename S>
void DirectionPass<S>::AddWeightGradients() {
  const Index rows = layout_.rows();
  Gemm(Op::kTransposed, Op::kAsIs, GH_, I_, rows, a_.gates, GH_, a_.x, I_, S(1), a_.d_weight_ih,
       I_);
  AddBiasGradients();
  AddRecurrentWeightGradient();
  if (a_.d_x != nullptr) {
    Gemm(Op::kAsIs, Op::kAsIs, rows, I_, GH_, a_.gates, GH_, a_.weight_ih, I_, a_.d_x_beta, a_.d_x,
         I_);
  }
}

// Both biases have the same gradient, but for the candidate of the GRU with reset after the
// product.
template <typename S>
void DirectionPass<S>::AddBiasGradients() {
  S* const sums = TakeZeros<S>(workspace_, GH_);
  AddColumnSums(layout_.rows(), GH_, a_.gates, GH_, sums);
  AddInPlace(GH_, sums, a_.d_bias_ih);
  if (cell_ == CellKind::kGru) {
    std::fill_n(sums + 2 * H_, H_, S(0));
    AddColumnSums(layout_.rows(), H_, recurrent_ + 2 * H_, GH_, sums + 2 * H_);
  }
  AddInPlace(GH_, sums, a_.d_bias_hh);
}

template <typename S>
void DirectionPass<S>::AddRecurrentWeightGradient() {
  const bool reset_before = cell_ == CellKind::kGruResetBefore;
  const S* d_product = cell_ == CellKind::kGru ? recurrent_ : a_.gates;
  Index first = 0, row_count = 0, stride = 0;
  const S* previous = PreviousOutputs(&first, &row_count, &stride);
  Gemm(Op::kTransposed, Op::kAsIs, reset_before ? 2 * H_ : GH_, H_, row_count,
       d_product + first * GH_, GH_, previous, stride, S(1), a_.d_weight_hh, H_);
  if (reset_before) {
    Gemm(Op::kTransposed, Op::kAsIs, H_, H_, layout_.rows(), a_.gates + 2 * H_, GH_, a_.memory, H_,
         S(1), a_.d_weight_hh + 2 * H_ * H_, H_);
  }
}

template <typename S>
const S* DirectionPass<S>::PreviousOutputs(Index* first, Index* row_count, Index* stride) {
  const Index B = layout_.sequences(), T = layout_.steps();
  if (layout_.active(T - 1) == B) {
    *first = reverse_ ? 0 : B;
    *row_count = layout_.rows() - B;
    *stride = y_stride_;
    return a_.y + (reverse_ ? B : 0) * y_stride_;
  }
  *first = 0;
  *row_count = layout_.rows();
  *stride = H_;
  S* const copy = workspace_->Take<S>(layout_.rows() * H_);
  for (Index t = 0; t < T; ++t) {
    for (Index b = 0; b < layout_.active(t); ++b) {
      S* const row = copy + layout_.Row(t, b) * H_;
      if (b < Continuing(t)) {
        std::copy_n(PreviousOutput(t) + b * y_stride_, H_, row);
      } else {
        std::fill_n(row, H_, S(0));
      }
    }
  }
  return copy;
}

template class DirectionPass<float>;
template class DirectionPass<double>;

}  // namespace lockstep
