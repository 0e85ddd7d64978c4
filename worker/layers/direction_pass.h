// One direction of a recurrent layer, forward and backward over a packed slot: the loop over time.
// Internal to worker/layers/.
#pragma once

#include "base/workspace.h"
#include "data/batch.h"
#include "worker/kernels/cell_step.h"
#include "worker/kernels/gemm.h"
#include "worker/layers/cell_kind.h"
#include "worker/layers/pass_observer.h"

namespace lockstep {

// Everything a direction reads and writes. D is the number of directions in y, each H wide.
template <typename S>
struct DirectionArrays {
  const S* weight_ih = nullptr;  // [G*H, I]
  const S* weight_hh = nullptr;  // [G*H, H]
  const S* bias_ih = nullptr;    // [G*H]
  const S* bias_hh = nullptr;    // [G*H]
  const S* x = nullptr;          // [rows, I]
  S* y = nullptr;                // this direction's first column of [rows, D*H]
  S* gates = nullptr;            // [rows, G*H]
  S* memory = nullptr;           // [rows, H]
  // Backward only; gradients are added to, d_x as d_x_beta says.
  const S* d_y = nullptr;  // this direction's first column of [rows, D*H]
  S* d_x = nullptr;        // [rows, I] or null
  S d_x_beta = 0;          // 0 sets d_x, 1 adds
  S* d_weight_ih = nullptr;
  S* d_weight_hh = nullptr;
  S* d_bias_ih = nullptr;
  S* d_bias_hh = nullptr;
  PassObserver* observer = nullptr;  // or null; hears of each time step
};

template <typename S>
class DirectionPass {
 public:
  DirectionPass(CellKind cell, Index input_size, Index hidden_size, Index y_stride, bool reverse,
                const PackedLayout& layout, const DirectionArrays<S>& arrays, Workspace* workspace);

  void Forward();
  void Backward();

  // Workspace that Forward or Backward takes for its own time.
  static Index ScratchBytes(CellKind cell, Index hidden_size, const SlotBounds& bounds);

 private:
  // The step computed before t in this direction, or -1; and how many rows of t continue from it.
  Index Previous(Index t) const;
  Index Continuing(Index t) const;
  const S* PreviousOutput(Index t) const;
  CellStep<S> StepRows(Index t, Index first, Index last) const;

  // Packs op(W_hh), for the reset-before GRU its gates and its candidate apart.
  void PackRecurrentWeights(Op op);
  void ForwardStep(Index t);
  void ForwardStepResetBefore(Index t);
  void BackwardStep(Index t);
  void BackwardStepResetBefore(Index t);
  template <typename Kernel>
  void ForContinuingAndStarting(Index t, const Kernel& kernel) const;

  void AddWeightGradients();
  void AddBiasGradients();
  void AddRecurrentWeightGradient();
  // y of the previous step for rows [*first, rows) of all steps: a view of y where every sequence
  // has the same length, else a copy in which starting rows are zero.
  const S* PreviousOutputs(Index* first, Index* row_count, Index* stride);

  CellKind cell_;
  Index I_, H_, GH_;
  Index y_stride_;
  bool reverse_;
  const PackedLayout& layout_;
  DirectionArrays<S> a_;
  Workspace* workspace_;
  S* packed_ = nullptr;            // W_hh of one product of a step
  S* packed_candidate_ = nullptr;  // W_hn; reset-before GRU only
  S* zeros_ = nullptr;             // [B, H] the initial state
  S* recurrent_ = nullptr;         // [B, G*H] of one step; backward of GRU: [rows, G*H] of all
  S* d_h_ = nullptr;               // [B, H]
  S* d_memory_ = nullptr;          // [B, H]
};

}  // namespace lockstep
