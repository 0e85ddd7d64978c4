#include "worker/layers/direction_walk.h"

namespace lockstep {
namespace {

// Forward only: the gates of 128 rows of a large layer take half of the second-level cache and
// leave the rest to the weights.
constexpr Index kBlockRows = 1024, kForwardBlockRows = 128;
constexpr Index kStripRows = 192;
// The most rows of a step for which those of the next step are prefetched. They are needed after a
// product of the step before, which few rows make too short to wait for memory in; and they must
// not push anything else out of the first-level cache.
constexpr Index kFewRows = 16;

Index StepsOf(Index rows, Index sequences) {
  return std::max<Index>(1, rows / std::max<Index>(1, sequences));
}

Index RowsOfBlock(const DirectionShape& shape) {
  return shape.forward_only ? kForwardBlockRows : kBlockRows;
}

Index BlockSteps(const DirectionShape& shape, Index sequences) {
  return StepsOf(RowsOfBlock(shape), sequences);
}

// The most rows of a block, for blocks of `rows` rows or one step.
Index MostRows(const SlotBounds& bounds, Index rows) {
  return std::min(bounds.rows, std::max(rows, bounds.sequences));
}

}  // namespace

template <typename S>
DirectionWalk<S>::DirectionWalk(const DirectionShape& shape, const PackedLayout& layout,
                                const DirectionArrays<S>& arrays)
    : shape_(shape),
      layout_(layout),
      arrays_(arrays),
      block_steps_(BlockSteps(shape, layout.sequences())),
      strip_steps_(StepsOf(kStripRows, layout.sequences())) {}

template <typename S>
Index DirectionWalk<S>::BlockRows(const SlotBounds& bounds) {
  return MostRows(bounds, kBlockRows);
}

template <typename S>
Index DirectionWalk<S>::KeptRows(const DirectionShape& shape, const SlotBounds& bounds) {
  return shape.keeps_block_of_gates() ? MostRows(bounds, RowsOfBlock(shape)) : bounds.rows;
}

template <typename S>
Index DirectionWalk<S>::MemoryRows(const DirectionShape& shape, const SlotBounds& bounds) {
  return shape.keeps_block_of_memory() ? KeptRows(shape, bounds) : bounds.rows;
}

// Only LSTMs need borders: other cells can continue from y, but a cell state cannot be computed
// from y.
template <typename S>
Index DirectionWalk<S>::BorderRows(const DirectionShape& shape, const SlotBounds& bounds) {
  if (!shape.recompute || !HasMemory(shape.cell)) return 0;
  const Index steps = BlockSteps(shape, bounds.sequences);
  return (bounds.steps + steps - 1) / steps * bounds.sequences;
}

template <typename S>
TimeBlock DirectionWalk<S>::Block(Index index) const {
  const Index first = index * block_steps_;
  const Index last = std::min(first + block_steps_, layout_.steps());
  const Index row = layout_.row_start(first);
  return {index, first, last, row, layout_.row_start(last) - row};
}

template <typename S>
TimeBlock DirectionWalk<S>::Strip(const TimeBlock& block, Index index) const {
  const Index first = block.first + index * strip_steps_;
  const Index last = std::min(first + strip_steps_, block.last);
  const Index row = layout_.row_start(first);
  return {block.index, first, last, row, layout_.row_start(last) - row};
}

template <typename S>
Index DirectionWalk<S>::RowsAhead(Index t, Index other) const {
  if (layout_.active(t) > kFewRows || other < 0 || other >= layout_.steps()) return 1;
  return layout_.row_start(other) - layout_.row_start(t);
}

template <typename S>
Index DirectionWalk<S>::Previous(Index t) const {
  if (!shape_.reverse) return t - 1;
  return t + 1 < layout_.steps() ? t + 1 : -1;
}

template <typename S>
Index DirectionWalk<S>::Continuing(Index t) const {
  const Index previous = Previous(t);
  if (previous < 0) return arrays_.carried.initial_output == nullptr ? 0 : layout_.active(t);
  return std::min(layout_.active(t), layout_.active(previous));
}

template <typename S>
const S* DirectionWalk<S>::PreviousOutput(Index t) const {
  const Index previous = Previous(t);
  if (previous < 0) return arrays_.carried.initial_output;
  return arrays_.y + layout_.row_start(previous) * shape_.y_stride;
}

template <typename S>
Index DirectionWalk<S>::PreviousStride(Index t) const {
  return Previous(t) < 0 ? H() : shape_.y_stride;
}

template <typename S>
S* DirectionWalk<S>::Border(Index block) const {
  if (arrays_.borders == nullptr) return nullptr;
  return arrays_.borders + block * layout_.sequences() * H();
}

template <typename S>
const S* DirectionWalk<S>::PreviousMemory(Index t) const {
  const Index previous = Previous(t);
  if (previous < 0) return arrays_.carried.initial_memory;
  const bool kept =
      !shape_.keeps_block_of_memory() || (previous >= block_.first && previous < block_.last);
  return kept ? Memory(previous) : Border(previous / block_steps_);
}

template <typename S>
CellStep<S> DirectionWalk<S>::Rows(Index t, Index first, Index last,
                                   const StepStates<S>& states) const {
  const Index row = layout_.row_start(t) + first, stride = shape_.y_stride;
  const bool starts = first >= Continuing(t);
  CellStep<S> step;
  step.rows = last - first;
  step.hidden = H();
  step.first = first;
  step.ahead_forward = RowsAhead(t, shape_.reverse ? t - 1 : t + 1);
  step.ahead_backward = RowsAhead(t, shape_.reverse ? t + 1 : t - 1);
  step.bias_x = arrays_.bias_ih;
  step.bias_h = arrays_.bias_hh;
  step.gates = Gates(t) + first * gate_width();
  step.recurrent = states.recurrent + first * H();
  step.memory = Memory(t) + first * H();
  if (HasMemory(shape_.cell)) {
    step.memory_prev = starts ? states.zeros : PreviousMemory(t) + first * H();
  }
  step.h_prev = starts ? states.zeros : PreviousOutput(t) + first * PreviousStride(t);
  step.h_prev_stride = starts ? H() : PreviousStride(t);
  step.h = arrays_.y + row * stride;
  step.h_stride = stride;
  step.d_out = arrays_.d_y == nullptr ? nullptr : arrays_.d_y + row * stride;
  step.d_out_stride = stride;
  step.d_h = states.d_h + first * H();
  step.d_memory = states.d_memory + first * H();
  step.cell_gain = arrays_.norm.gain_cell;
  step.cell_bias = arrays_.norm.bias_cell;
  step.d_cell_gain = arrays_.norm.d_gain_cell;
  step.d_cell_bias = arrays_.norm.d_bias_cell;
  return step;
}

template class DirectionWalk<float>;
template class DirectionWalk<double>;

}  // namespace lockstep
