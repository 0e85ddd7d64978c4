// The weight and bias gradients of one direction of a recurrent layer, block by block of time, once
// backward has put the gradients of the gates where the gates were. Internal to worker/layers/.
#pragma once

#include "base/workspace.h"
#include "worker/layers/direction_walk.h"
#include "worker/layers/product_norm.h"

namespace lockstep {

// `count` zeros of the workspace.
template <typename S>
S* TakeZeros(Index count, Workspace* workspace) {
  S* const zeros = workspace->Take<S>(count);
  std::fill_n(zeros, count, S(0));
  return zeros;
}

template <typename S>
class DirectionGradients {
 public:
  // All must outlive it; `walk` is in the block that is added.
  DirectionGradients(const DirectionShape& shape, const PackedLayout& layout,
                     const DirectionArrays<S>& arrays, const DirectionWalk<S>& walk,
                     const ProductNorm<S>& norm, Workspace* workspace);

  // Takes the sums of the biases from the workspace, [G*H] and [H].
  void Prepare();
  // Adds a block to d_weight_ih and d_weight_hh, and to the sums of the biases. Where products are
  // normalised, replaces the gradients in the gates by those of the input products.
  void AddBlock(const TimeBlock& block);
  // Adds the sums of all blocks to d_bias_ih and d_bias_hh. Once.
  void AddBiases();

 private:
  // y of the previous step for `count` rows of a block from its row `first` on; rows left out start
  // from the zero state.
  struct PreviousRows {
    const S* data;
    Index stride;
    Index first;
    Index count;
  };

  void EnterPhase(Phase phase) const {
    if (a_.observer != nullptr) a_.observer->Enter(phase);
  }
  void AddInputWeightGradient(const TimeBlock& block);
  void AddRecurrentWeightGradient(const TimeBlock& block);
  void AddBiasSums(const TimeBlock& block);
  PreviousRows PreviousOutputs(const TimeBlock& block);
  const S* CopyPreviousOutputs(const TimeBlock& block);

  DirectionShape shape_;
  Index I_, H_, GH_;
  const PackedLayout& layout_;
  const DirectionArrays<S>& a_;
  const DirectionWalk<S>& walk_;
  const ProductNorm<S>& norm_;
  Workspace* workspace_;
  S* bias_sums_ = nullptr;  // [G*H]
  S* candidate_sums_ =
      nullptr;  // [H] of the recurrent bias of the candidate of a GRU that resets after it
};

}  // namespace lockstep
