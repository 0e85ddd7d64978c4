// The loop over time: forward and backward of one direction of a recurrent layer over a packed
// slot. Internal to worker/layers/.
//
// The loop goes over blocks of time, which hold about 1024 rows each, and in a block over strips of
// about 192 rows (direction_walk.h).
//   Forward, for each strip:   gates = x W_ih^T for all its rows, in one product;
//                              then for each of its steps: gates += h_prev W_hh^T, and one kernel
//                              that applies the gates and sets y.
//   Backward, for each block in the opposite order:
//                              for each of its strips, in the opposite order:
//                                for each of its steps, in the opposite order: one kernel that
//                                turns the gates into their gradient, and one product that adds to
//                                the gradient of h_prev; then d_x, in one product for all rows of
//                                the strip;
//                              then the block's share of the weight and bias gradients, in products
//                              over all its rows, which are still in the caches.
// The reverse direction does the same with time running backwards.
//
// Without `recompute`, the gates of all rows are kept for backward. With it, only those of one
// block are: backward computes the gates of a block once more from x and y, by the same calls and
// so with the same bits.
//
// Cells with layer normalisation keep the two products of a step apart until each is normalised
// (product_norm.h). Zoneout mixes the states before and after a step around its kernels
// (step_zoneout.h).
#pragma once

#include "base/workspace.h"
#include "worker/kernels/row_product.h"
#include "worker/layers/direction_gradients.h"
#include "worker/layers/direction_walk.h"
#include "worker/layers/product_norm.h"
#include "worker/layers/step_zoneout.h"

namespace lockstep {

template <typename S>
class DirectionPass {
 public:
  DirectionPass(const DirectionShape& shape, const PackedLayout& layout,
                const DirectionArrays<S>& arrays, Workspace* workspace);
  DirectionPass(const DirectionPass&) = delete;  // its parts refer to each other
  DirectionPass& operator=(const DirectionPass&) = delete;

  void Forward();
  void Backward();

  // The same passes one step at a time, for a layer whose next input depends on what it gives.
  // Without recompute. Begin... takes from the workspace what the caller returns in the end, in the
  // order of a stack; no other direction is walked meanwhile in the memory above it.
  void BeginForward() { PrepareForward(); }
  // Reads row block t of x; t ascends from 0.
  void ForwardOne(Index t) { ForwardBlock(walk_.OneStep(t)); }
  void BeginBackward() { PrepareBackward(); }
  // Reads row block t of d_y and sets that of d_x; t descends from the last step.
  void BackwardOne(Index t);
  void EndBackward();

  // Packs the weights for Forward, for many short passes with the same weights; in the workspace,
  // of which it takes at most PackedForwardBytes.
  static PackedDirection<S> PackForward(const DirectionShape& shape, const S* weight_ih,
                                        const S* weight_hh, Workspace* workspace);
  static Index PackedForwardBytes(const DirectionShape& shape);

  // Upper bound of the workspace bytes that Forward or Backward takes while it runs.
  static Index ScratchBytes(const DirectionShape& shape, const SlotBounds& bounds);

 private:
  // W_hh, packed for the products of a step backwards; the candidate as in PackedDirection.
  struct RecurrentWeights {
    PackedMatrix<S> gates;
    PackedMatrix<S> candidate;
  };

  void EnterPhase(Phase phase) const {
    if (a_.observer != nullptr) a_.observer->Enter(phase);
  }
  RecurrentWeights PackBackward() const;
  void SetForwardWeights();
  void PrepareForward();
  void ForwardBlock(const TimeBlock& block);
  void ForwardStrip(const TimeBlock& strip);
  bool MultipliesAtOnce(const TimeBlock& strip) const;
  void MultiplyInput(const TimeBlock& strip);
  void PrefetchGates(Index t) const;
  PanelOrder OrderAt(Index t) const { return OrderOfStep(t + a_.carried.steps_before); }
  void ForwardStepAtOnce(Index t);
  void AddRecurrentProduct(Index t);
  void ForwardStepGru(Index t);
  void ForwardStep(Index t);
  void ForwardStepNormalised(Index t);
  void KeepFinalState() const;

  void PrepareBackward();
  void BackwardBlock(const TimeBlock& block);
  void BackwardSteps(const TimeBlock& strip);
  void KeepInitialGradient() const;
  // Calls the kernel of backward for the rows of step t.
  void ForCellBackward(Index t, void (*kernel)(const CellStep<S>&)) const;
  void TraceStep(Index t) const;
  void BackwardStep(Index t);
  void BackwardStepResetBefore(Index t);
  void AddInputGradient(const TimeBlock& rows);

  DirectionShape shape_;
  Index I_, H_, GH_;
  const PackedLayout& layout_;
  DirectionArrays<S> a_;
  Workspace* workspace_;
  DirectionWalk<S> walk_;
  ProductNorm<S> norm_;
  StepZoneout<S> zoneout_;
  DirectionGradients<S> gradients_;
  StepStates<S> states_;
  PackedDirection<S> forward_weights_;
  PackedMatrix<S> d_input_weights_;    // W_ih
  RecurrentWeights backward_weights_;  // W_hh
};

}  // namespace lockstep
