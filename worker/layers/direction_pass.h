// One direction of a recurrent layer, forward and backward over a packed slot: the loop over time.
// Internal to worker/layers/.
//
// Time is walked in blocks (direction_walk.h): forward, the input product of a block and then its
// steps; backward, its steps and then its share of the weight gradients. With `recompute` the gates
// of a block are not kept: backward computes them once more from x and y, by the same calls and so
// with the same bits.
#pragma once

#include "base/workspace.h"
#include "worker/layers/direction_walk.h"

namespace lockstep {

template <typename S>
class DirectionPass {
 public:
  DirectionPass(const DirectionShape& shape, const PackedLayout& layout,
                const DirectionArrays<S>& arrays, Workspace* workspace);

  void Forward();
  void Backward();

  // Workspace that Forward or Backward takes for its own time.
  static Index ScratchBytes(const DirectionShape& shape, const SlotBounds& bounds);

 private:
  // W_hh packed for the products of a step; the GRU's candidate apart from its gates r and z.
  struct RecurrentWeights {
    PackedMatrix<S> gates;
    PackedMatrix<S> candidate;
  };

  void EnterPhase(Phase phase) const {
    if (a_.observer != nullptr) a_.observer->Enter(phase);
  }
  S* TakeZeros(Index count) const;
  RecurrentWeights PackRecurrent(Op op) const;
  void PrepareForward();
  void ForwardBlock(const TimeBlock& block);
  void ForwardStep(Index t);
  void KeepFinalState() const;

  void PrepareBackward();
  void BackwardBlock(const TimeBlock& block);
  void BackwardStep(Index t);
  void BackwardStepResetBefore(Index t);
  void AddBlockGradients(const TimeBlock& block);
  void AddRecurrentWeightGradient(const TimeBlock& block);
  void AddBiasGradients();
  // y of the previous step for `count` rows of a block from its row `first` on; rows left out start
  // from the zero state.
  struct PreviousRows {
    const S* data;
    Index stride;
    Index first;
    Index count;
  };
  PreviousRows PreviousOutputs(const TimeBlock& block);
  const S* CopyPreviousOutputs(const TimeBlock& block);

  CellKind cell_;
  Precision precision_;
  bool recompute_;
  bool reverse_;
  bool has_candidate_;  // of a GRU: its product stands apart
  Index I_, H_, GH_, y_stride_;
  const PackedLayout& layout_;
  DirectionArrays<S> a_;
  Workspace* workspace_;
  DirectionWalk<S> walk_;
  StepStates<S> states_;
  PackedMatrix<S> input_weights_;      // W_ih^T
  RecurrentWeights forward_weights_;   // W_hh^T
  PackedMatrix<S> d_input_weights_;    // W_ih
  RecurrentWeights backward_weights_;  // W_hh
  S* bias_sums_ = nullptr;             // [G*H]
  S* candidate_sums_ = nullptr;        // [H] of the recurrent bias of kGru's candidate
};

}  // namespace lockstep
