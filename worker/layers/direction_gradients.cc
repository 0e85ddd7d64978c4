#include "worker/layers/direction_gradients.h"

#include "worker/kernels/elementwise.h"

namespace lockstep {

template <typename S>
DirectionGradients<S>::DirectionGradients(const DirectionShape& shape, const PackedLayout& layout,
                                          const DirectionArrays<S>& arrays,
                                          const DirectionWalk<S>& walk, const ProductNorm<S>& norm,
                                          Workspace* workspace)
    : shape_(shape),
      I_(shape.input_size),
      H_(shape.hidden_size),
      GH_(shape.gate_width()),
      layout_(layout),
      a_(arrays),
      walk_(walk),
      norm_(norm),
      workspace_(workspace) {}

template <typename S>
void DirectionGradients<S>::Prepare() {
  bias_sums_ = TakeZeros<S>(GH_, workspace_);
  candidate_sums_ = TakeZeros<S>(H_, workspace_);
}

// The biases of normalised products are added after the normalisation, so their sums are taken
// before backward goes through it.
template <typename S>
void DirectionGradients<S>::AddBlock(const TimeBlock& block) {
  if (IsNormalised(shape_.cell)) {
    AddBiasSums(block);
    norm_.InputBackward(block);
  }
  AddInputWeightGradient(block);
  AddRecurrentWeightGradient(block);
  if (!IsNormalised(shape_.cell)) AddBiasSums(block);
}

template <typename S>
void DirectionGradients<S>::AddInputWeightGradient(const TimeBlock& block) {
  EnterPhase(Phase::kWeightGradient);
  AddTransposed(shape_.precision, GH_, I_, block.rows, walk_.Gates(block.first), GH_,
                a_.x + block.row * I_, I_, a_.d_weight_ih, I_, workspace_);
}

template <typename S>
void DirectionGradients<S>::AddBiasSums(const TimeBlock& block) {
  EnterPhase(Phase::kBiasGradient);
  AddColumnSums(block.rows, GH_, walk_.Gates(block.first), GH_, bias_sums_);
  if (ResetsAfter(shape_.cell)) {
    AddColumnSums(block.rows, H_, walk_.Memory(block.first), H_, candidate_sums_);
  }
}

template <typename S>
void DirectionGradients<S>::AddRecurrentWeightGradient(const TimeBlock& block) {
  const Index mark = workspace_->used_bytes();
  const PreviousRows previous = PreviousOutputs(block);
  const bool normalised = IsNormalised(shape_.cell);
  const S* const gates = normalised ? walk_.NormRecurrent(block.first) : walk_.Gates(block.first);
  const S* const memory = walk_.Memory(block.first);
  const auto add = [&](Index m, const S* d_product, Index stride, S* d_weight) {
    AddTransposed(shape_.precision, m, H_, previous.count, d_product + previous.first * stride,
                  stride, previous.data, previous.stride, d_weight, H_, workspace_);
  };
  S* const d_candidate = a_.d_weight_hh + 2 * H_ * H_;
  add(HasCandidate(shape_.cell) ? 2 * H_ : GH_, gates, GH_, a_.d_weight_hh);
  if (shape_.cell == CellKind::kGru) add(H_, memory, H_, d_candidate);
  if (shape_.cell == CellKind::kGruResetBefore) {
    AddTransposed(shape_.precision, H_, H_, block.rows, gates + 2 * H_, GH_, memory, H_,
                  d_candidate, H_, workspace_);
  }
  workspace_->Rewind(mark);
}

// Both biases have the same gradient, but for the candidate of a GRU with reset after the product.
template <typename S>
void DirectionGradients<S>::AddBiases() {
  AddInPlace(GH_, bias_sums_, a_.d_bias_ih);
  if (ResetsAfter(shape_.cell)) std::copy_n(candidate_sums_, H_, bias_sums_ + 2 * H_);
  AddInPlace(GH_, bias_sums_, a_.d_bias_hh);
}

// Where all rows of a block have their predecessors B rows before or behind, y itself serves.
template <typename S>
typename DirectionGradients<S>::PreviousRows DirectionGradients<S>::PreviousOutputs(
    const TimeBlock& block) {
  const Index B = layout_.active(block.first);
  const bool starts = shape_.reverse ? block.last == layout_.steps() : block.first == 0;
  const bool even = layout_.active(block.last - 1) == B &&
                    (starts || layout_.active(shape_.reverse ? block.last : block.first - 1) == B);
  const bool carried = starts && a_.carried.initial_output != nullptr;
  if (!even || carried) return {CopyPreviousOutputs(block), H_, 0, block.rows};
  const Index skipped = starts ? B : 0;
  if (shape_.reverse)
    return {a_.y + (block.row + B) * shape_.y_stride, shape_.y_stride, 0, block.rows - skipped};
  return {a_.y + (block.row + skipped - B) * shape_.y_stride, shape_.y_stride, skipped,
          block.rows - skipped};
}

template <typename S>
const S* DirectionGradients<S>::CopyPreviousOutputs(const TimeBlock& block) {
  S* const copy = workspace_->Take<S>(block.rows * H_);
  for (Index t = block.first; t < block.last; ++t) {
    const Index continuing = walk_.Continuing(t);
    for (Index b = 0; b < layout_.active(t); ++b) {
      S* const row = copy + (layout_.Row(t, b) - block.row) * H_;
      if (b < continuing) {
        std::copy_n(walk_.PreviousOutput(t) + b * walk_.PreviousStride(t), H_, row);
      } else {
        std::fill_n(row, H_, S(0));
      }
    }
  }
  return copy;
}

template class DirectionGradients<float>;
template class DirectionGradients<double>;

}  // namespace lockstep
