// The geometry of one direction of a recurrent layer over a packed slot (data/batch/batch.h): which
// rows of which array belong to a time step, which step comes before it, and how time is cut into
// blocks. Internal to worker/layers/.
//
// Sequences are sorted by length, longest first, so at step t the first active(t) sequences are
// running. The forward direction walks t up: fewer and fewer rows are active, and every active row
// continues from its row of step t - 1. The reverse direction walks t down: the rows of longer
// sequences continue from step t + 1, and those whose last step is t start from the initial state.
#pragma once

#include <algorithm>
#include <optional>

#include "base/counter_rng.h"
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
  bool recompute = false;   // keeps gates and memory of one block of time only
  bool reverse = false;     // walks time from the last step to the first
  Index input_size = 0;     // I
  Index hidden_size = 0;    // H
  Index y_stride = 0;       // elements between rows of y
  double zoneout = 0;       // probability that a unit keeps its last output (kernels/zoneout.h)
  double cell_zoneout = 0;  // the same for the cell state; LSTM only
  // No backward follows: keeps the gates of one small block of time only, which stays in the
  // second-level cache. Not together with recompute.
  bool forward_only = false;

  Index gate_width() const { return GateCount(cell) * hidden_size; }  // G*H
  bool has_zoneout() const { return zoneout > 0 || cell_zoneout > 0; }
  // Whether the gates, or the memory, of one block of time only are kept.
  bool keeps_block_of_gates() const { return recompute || forward_only; }
  bool keeps_block_of_memory() const { return recompute || (forward_only && !HasMemory(cell)); }
};

// The states that the sequences of a slot start from and those that they leave, when they are
// computed in parts. Arrays [B, H]; row b belongs to sequence b.
template <typename S>
struct CarriedRows {
  const S* initial_output = nullptr;  // null: all sequences start from zero
  const S* initial_memory = nullptr;  // the cell state; LSTM only
  S* final_output = nullptr;          // null: not wanted; set for sequences with all steps
  S* final_memory = nullptr;          // the cell state; LSTM only
  // The steps of earlier parts, for the order in which weights are read (row_product.h).
  Index steps_before = 0;
  // The gradients of the initial states, set by backward; null: not wanted, because what came
  // before is not changed by them.
  S* d_initial_output = nullptr;
  S* d_initial_memory = nullptr;  // of the cell state; LSTM only
};

// The generators of the masks of zoneout; empty in evaluation.
struct ZoneoutDraws {
  std::optional<CounterRng> output;
  std::optional<CounterRng> memory;
};

// What layer normalisation adds to a direction; null for cells without it (product_norm.h).
inline constexpr Index kNormScales = 4;  // of a row: two groups of the input, two of the recurrent
template <typename S>
struct NormArrays {
  const S* gain_ih = nullptr;    // [G*H]
  const S* gain_hh = nullptr;    // [G*H]
  const S* gain_cell = nullptr;  // [H], LSTM only
  const S* bias_cell = nullptr;  // [H], LSTM only
  S* input = nullptr;            // [KeptRows, G*H], normalised input products
  // [KeptRows, G*H], normalised recurrent products; backward replaces them by the gradients of the
  // products.
  S* recurrent = nullptr;
  S* scales = nullptr;  // [KeptRows, kNormScales]
  // For Backward, which adds to them.
  S* d_gain_ih = nullptr;
  S* d_gain_hh = nullptr;
  S* d_gain_cell = nullptr;
  S* d_bias_cell = nullptr;
};

// The weights of a direction, packed for forward (DirectionPass::PackForward). If HasCandidate, the
// recurrent weights of the candidate are packed apart from those of the gates r and z; for other
// cells `gates` holds all.
template <typename S>
struct PackedDirection {
  PackedMatrix<S> input;      // W_ih^T
  PackedMatrix<S> gates;      // W_hh^T
  PackedMatrix<S> candidate;  // W_hh^T
};

// Everything a direction reads and writes. D is the number of directions in y, each H wide.
template <typename S>
struct DirectionArrays {
  const S* weight_ih = nullptr;  // [G*H, I]
  const S* weight_hh = nullptr;  // [G*H, H]
  // For Forward only: both weights, packed before; null: it packs them itself.
  const PackedDirection<S>* packed = nullptr;
  const S* bias_ih = nullptr;  // [G*H]
  const S* bias_hh = nullptr;  // [G*H]
  const S* x = nullptr;        // [rows, I]
  S* y = nullptr;              // this direction's first column of [rows, D*H]
  S* gates = nullptr;          // [KeptRows, G*H]
  S* memory = nullptr;         // [MemoryRows, H]
  S* borders = nullptr;        // [BorderRows, H], cell states between blocks; or null
  CarriedRows<S> carried;      // for the forward direction only
  NormArrays<S> norm;
  ZoneoutDraws zoneout;
  // For Backward only. It adds to the gradients of the parameters; it sets d_x, or adds to it if
  // d_x_adds is true.
  const S* d_y = nullptr;  // this direction's first column of [rows, D*H]
  S* d_x = nullptr;        // [rows, I] or null
  bool d_x_adds = false;
  S* d_weight_ih = nullptr;
  S* d_weight_hh = nullptr;
  S* d_bias_ih = nullptr;
  S* d_bias_hh = nullptr;
  PassObserver* observer = nullptr;  // called between time steps; may be null
};

// Arrays [B, H] that belong to the step being computed.
template <typename S>
struct StepStates {
  const S* zeros = nullptr;  // the initial state
  S* recurrent = nullptr;    // the recurrent product of the GRU's candidate, or its gradient
  S* d_h = nullptr;          // gradient of the output, from the step that was walked before
  S* d_memory = nullptr;     // the same of the cell state
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

  // The number of blocks of time. A block has about 1024 rows: enough for products to run at full
  // speed, few enough that the gates of a block are still in the last-level cache when backward
  // has walked over its steps. Forward only, it has about 128.
  Index blocks() const { return (layout_.steps() + block_steps_ - 1) / block_steps_; }
  TimeBlock Block(Index index) const;
  // The block that holds step t, and a block of step t alone.
  TimeBlock BlockOf(Index t) const { return Block(t / block_steps_); }
  TimeBlock OneStep(Index t) const {
    return {t / block_steps_, t, t + 1, layout_.row_start(t), layout_.active(t)};
  }
  // A block is walked in strips of about 192 rows, or of one step if that has more: what a product
  // for all rows of a strip sets is still in the second-level cache when its steps read it, and
  // what the steps set when the next product does. Strips change no bit.
  Index strips(const TimeBlock& block) const {
    return (block.last - block.first + strip_steps_ - 1) / strip_steps_;
  }
  TimeBlock Strip(const TimeBlock& block, Index index) const;
  // The index of the i-th of `count` steps, strips or blocks in the order of the forward or
  // backward pass.
  Index Nth(Index i, Index count, bool backward) const {
    return shape_.reverse != backward ? count - 1 - i : i;
  }
  // Says that this block is computed next. Arrays that have room for one block only hold this one
  // from now on.
  void Enter(const TimeBlock& block) { block_ = block; }

  // The step that this direction walks before t, or -1 if t is its first.
  Index Previous(Index t) const;
  // The number of rows of t that continue from the previous step, or from a carried initial state;
  // they are the first rows of t. The others start from the zero state.
  Index Continuing(Index t) const;
  // The outputs from which the continuing rows of t continue, and the elements from one row of them
  // to the next. Only for a t with continuing rows.
  const S* PreviousOutput(Index t) const;
  Index PreviousStride(Index t) const;
  S* Gates(Index t) const { return arrays_.gates + Kept(layout_.row_start(t)) * gate_width(); }
  S* Memory(Index t) const {
    const Index row = layout_.row_start(t);
    return arrays_.memory + (shape_.keeps_block_of_memory() ? row - block_.row : row) * H();
  }
  // The rows of t in the arrays of the normalisation.
  S* NormInput(Index t) const {
    return arrays_.norm.input + Kept(layout_.row_start(t)) * gate_width();
  }
  S* NormRecurrent(Index t) const {
    return arrays_.norm.recurrent + Kept(layout_.row_start(t)) * gate_width();
  }
  S* NormScales(Index t) const {
    return arrays_.norm.scales + Kept(layout_.row_start(t)) * kNormScales;
  }
  // Where the memory after the last step of a block is kept for the next block; null if it is not
  // kept.
  S* Border(Index block) const;

  // Calls kernel(step) at most twice: for the rows of t that continue, and for those that start.
  // Does not call it for no rows.
  template <typename Kernel>
  void ForSteps(Index t, const StepStates<S>& states, const Kernel& kernel) const {
    const Index continuing = Continuing(t), active = layout_.active(t);
    if (continuing > 0) kernel(Rows(t, 0, continuing, states));
    if (continuing < active) kernel(Rows(t, continuing, active, states));
  }

  // The most rows over all slots: of gates and normalised products, of memory, of borders, and of a
  // block.
  static Index KeptRows(const DirectionShape& shape, const SlotBounds& bounds);
  static Index MemoryRows(const DirectionShape& shape, const SlotBounds& bounds);
  static Index BorderRows(const DirectionShape& shape, const SlotBounds& bounds);
  static Index BlockRows(const SlotBounds& bounds);

 private:
  Index H() const { return shape_.hidden_size; }
  Index gate_width() const { return shape_.gate_width(); }
  // The rows from a row of step t to the row of the same sequence in step `other`, or, if a step
  // has many rows, to the next row.
  Index RowsAhead(Index t, Index other) const;
  Index Kept(Index row) const { return shape_.keeps_block_of_gates() ? row - block_.row : row; }
  const S* PreviousMemory(Index t) const;
  // Rows [first, last) of step t: all of them continue, or all of them start.
  CellStep<S> Rows(Index t, Index first, Index last, const StepStates<S>& states) const;

  DirectionShape shape_;
  const PackedLayout& layout_;
  DirectionArrays<S> arrays_;
  Index block_steps_, strip_steps_;
  TimeBlock block_;
};

}  // namespace lockstep
