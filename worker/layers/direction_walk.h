// The geometry of one direction of a recurrent layer over a packed slot: which rows of which array
// belong to a time step, which step comes before it, and how time is cut into blocks.
// Internal to worker/layers/.
#pragma once

#include <algorithm>

#include "data/batch/batch.h"
#include "worker/kernels/cell_step.h"
#include "worker/kernels/gemm.h"
#include "worker/layers/cell_kind.h"
#include "worker/layers/pass_observer.h"

namespace lockstep {

// Sizes and kind of a direction.
struct DirectionShape {
  CellKind cell = CellKind::kGru;
  Precision precision = Precision::kFloat32;
  bool recompute = false;  // gates and memory of one block of time only are kept
  bool reverse = false;
  Index input_size = 0;   // I
  Index hidden_size = 0;  // H
  Index y_stride = 0;     // elements between rows of y
};

// The state of the sequences of a slot at the borders of the steps that are computed: what they
// start from and what they leave to the steps that follow. [B, H] each, row b of sequence b.
template <typename S>
struct CarriedRows {
  const S* initial_output = nullptr;  // null: all start from the zero state
  const S* initial_memory = nullptr;  // LSTM only
  S* final_output = nullptr;          // null: not wanted; set for sequences in the last step
  S* final_memory = nullptr;
};

// Everything a direction reads and writes. D is the number of directions in y, each H wide.
template <typename S>
struct DirectionArrays {
  const S* weight_ih = nullptr;  // [G*H, I]
  const S* weight_hh = nullptr;  // [G*H, H]
  const S* bias_ih = nullptr;    // [G*H]
  const S* bias_hh = nullptr;    // [G*H]
  const S* x = nullptr;          // [rows, I]
  S* y = nullptr;                // this direction's first column of [rows, D*H]
  S* gates = nullptr;            // [KeptRows, G*H]
  S* memory = nullptr;           // [KeptRows, H]
  S* borders = nullptr;          // [BorderRows, H] or null
  CarriedRows<S> carried;        // of the forward direction only
  // Backward only; gradients are added to, d_x is set or, with d_x_adds, added to.
  const S* d_y = nullptr;  // this direction's first column of [rows, D*H]
  S* d_x = nullptr;        // [rows, I] or null
  bool d_x_adds = false;
  S* d_weight_ih = nullptr;
  S* d_weight_hh = nullptr;
  S* d_bias_ih = nullptr;
  S* d_bias_hh = nullptr;
  PassObserver* observer = nullptr;  // or null; hears of each time step
};

// States of the step being computed, [B, H] each.
template <typename S>
struct StepStates {
  const S* zeros = nullptr;  // the initial state
  S* recurrent = nullptr;    // recurrent product of the GRU's candidate, or its gradient
  S* d_h = nullptr;
  S* d_memory = nullptr;
};

// Steps [first, last) and rows [row, row + rows) of the packed batch.
struct TimeBlock {
  Index index = 0;
  Index first = 0, last = 0;
  Index row = 0, rows = 0;
};

template <typename S>
class DirectionWalk {
 public:
  DirectionWalk(const DirectionShape& shape, const PackedLayout& layout,
                const DirectionArrays<S>& arrays);

  // Blocks of about 1024 rows: enough for a product to reach its speed, few enough that the gates
  // of a block are still in the last cache when backward has walked over it.
  Index blocks() const { return (layout_.steps() + block_steps_ - 1) / block_steps_; }
  TimeBlock Block(Index index) const;
  // What comes i-th of `count` steps or blocks in a forward or backward walk.
  Index Nth(Index i, Index count, bool backward) const {
    return shape_.reverse != backward ? count - 1 - i : i;
  }
  // With recompute, gates and memory hold this block from now on.
  void Enter(const TimeBlock& block) { block_ = block; }

  // The step computed before t in this direction, or -1; and how many rows of t continue from it,
  // or from the state that is carried into the slot.
  Index Previous(Index t) const;
  Index Continuing(Index t) const;
  // Of a t that has rows that continue; and the elements between its rows.
  const S* PreviousOutput(Index t) const;
  Index PreviousStride(Index t) const;
  S* Gates(Index t) const { return arrays_.gates + Kept(layout_.row_start(t)) * gate_width(); }
  S* Memory(Index t) const { return arrays_.memory + Kept(layout_.row_start(t)) * H(); }
  // Where the memory of the last step of a block is kept for the next, or null when nowhere.
  S* Border(Index block) const;

  // Calls kernel(step) for the rows of t that continue and for those that start, where there are
  // any.
  template <typename Kernel>
  void ForSteps(Index t, const StepStates<S>& states, const Kernel& kernel) const {
    const Index continuing = Continuing(t), active = layout_.active(t);
    if (continuing > 0) kernel(Rows(t, 0, continuing, states));
    if (continuing < active) kernel(Rows(t, continuing, active, states));
  }

  // Bounds over all slots: rows of gates and memory; rows of borders; rows of a block.
  static Index KeptRows(const DirectionShape& shape, const SlotBounds& bounds);
  static Index BorderRows(const DirectionShape& shape, const SlotBounds& bounds);
  static Index BlockRows(const SlotBounds& bounds);

 private:
  Index H() const { return shape_.hidden_size; }
  Index gate_width() const { return GateCount(shape_.cell) * shape_.hidden_size; }
  Index Kept(Index row) const { return shape_.recompute ? row - block_.row : row; }
  const S* PreviousMemory(Index t) const;
  // Rows [first, last) of step t: all of them continue, or all of them start.
  CellStep<S> Rows(Index t, Index first, Index last, const StepStates<S>& states) const;

  DirectionShape shape_;
  const PackedLayout& layout_;
  DirectionArrays<S> arrays_;
  Index block_steps_;
  TimeBlock block_;
};

}  // namespace lockstep
