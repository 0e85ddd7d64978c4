#include "worker/layers/step_zoneout.h"

#include "worker/kernels/elementwise.h"
#include "worker/kernels/lstm_cell.h"

namespace lockstep {

template <typename S>
StepZoneout<S>::StepZoneout(const DirectionShape& shape, const DirectionArrays<S>& arrays,
                            const PackedLayout& layout, const DirectionWalk<S>& walk)
    : shape_(shape), draws_(arrays.zoneout), layout_(layout), walk_(walk) {}

template <typename S>
Index StepZoneout<S>::ScratchBytes(const DirectionShape& shape, const SlotBounds& bounds) {
  if (!shape.has_zoneout()) return 0;
  const Index arrays = HasMemory(shape.cell) ? 5 : 2;
  return arrays * Workspace::BytesFor<S>(bounds.sequences * shape.hidden_size);
}

template <typename S>
void StepZoneout<S>::Prepare(const StepStates<S>& states, Workspace* workspace) {
  states_ = states;
  const Index count = layout_.sequences() * shape_.hidden_size;
  keep_ = workspace->Take<S>(count);
  past_h_ = workspace->Take<S>(count);
  if (!HasMemory(shape_.cell)) return;
  keep_memory_ = workspace->Take<S>(count);
  past_memory_ = workspace->Take<S>(count);
  cell_memory_ = workspace->Take<S>(count);
}

template <typename S>
void StepZoneout<S>::Draw(Index t) {
  const Index count = layout_.active(t) * shape_.hidden_size;
  const auto draw = [&](const std::optional<CounterRng>& rng, double probability, S* keep) {
    if (keep == nullptr) return;
    if (rng) {
      DrawKept(*rng, probability, t, count, keep);
    } else {
      SetExpectedKept(probability, count, keep);
    }
  };
  draw(draws_.output, shape_.zoneout, keep_);
  draw(draws_.memory, shape_.cell_zoneout, keep_memory_);
}

// Backward of an Elman cell computes slopes from its output; its `memory` is free for that.
template <typename S>
bool StepZoneout<S>::KeepsCellOutput() const {
  return shape_.cell == CellKind::kRnnTanh || shape_.cell == CellKind::kRnnRelu;
}

template <typename S>
ZoneoutRows<S> StepZoneout<S>::RowsOf(const CellStep<S>& step) const {
  const Index first = step.first * shape_.hidden_size;
  ZoneoutRows<S> rows;
  rows.keep = keep_ + first;
  rows.past_h = past_h_ + first;
  if (KeepsCellOutput()) rows.cell_output = step.memory;
  if (!HasMemory(shape_.cell)) return rows;
  rows.keep_memory = keep_memory_ + first;
  rows.past_memory = past_memory_ + first;
  return rows;
}

template <typename S>
CellStep<S> StepZoneout<S>::CellOnly(const CellStep<S>& step) const {
  CellStep<S> cell = step;
  cell.d_out = states_.zeros;
  cell.d_out_stride = shape_.hidden_size;
  if (KeepsCellOutput()) {
    cell.h = step.memory;
    cell.h_stride = shape_.hidden_size;
  }
  if (!HasMemory(shape_.cell)) return cell;
  cell.memory = cell_memory_ + step.first * shape_.hidden_size;
  LstmCellState(cell);
  return cell;
}

template <typename S>
void StepZoneout<S>::AfterForward(Index t) {
  Draw(t);
  walk_.ForSteps(t, states_, [&](const CellStep<S>& step) { ZoneoutForward(step, RowsOf(step)); });
}

template <typename S>
void StepZoneout<S>::BeforeBackward(Index t) {
  Draw(t);
  walk_.ForSteps(t, states_, [&](const CellStep<S>& step) { ZoneoutBackward(step, RowsOf(step)); });
}

template <typename S>
void StepZoneout<S>::AfterBackward(Index t) {
  const Index count = layout_.active(t) * shape_.hidden_size;
  AddInPlace(count, past_h_, states_.d_h);
  if (past_memory_ != nullptr) AddInPlace(count, past_memory_, states_.d_memory);
}

template class StepZoneout<float>;
template class StepZoneout<double>;

}  // namespace lockstep
