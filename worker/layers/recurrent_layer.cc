#include "worker/layers/recurrent_layer.h"

#include <new>
#include <type_traits>

#include "base/error.h"
#include "worker/kernels/dropout.h"
#include "worker/kernels/elementwise.h"
#include "worker/layers/gradient_trace.h"

namespace lockstep {
template <typename S>
RecurrentLayer<S>::RecurrentLayer(const RecurrentShape& shape, Index index, ParameterLayout* layout)
    : RecurrentLayer(shape, "rnn", index, index, layout) {}

template <typename S>
RecurrentLayer<S>::RecurrentLayer(const RecurrentShape& shape, const std::string& prefix,
                                  Index index, Index place, ParameterLayout* layout)
    : shape_(shape), place_(place) {
  LOCKSTEP_CHECK(shape.cell_zoneout == 0 || HasMemory(shape.cell));
  for (Index d = 0; d < shape.directions; ++d) {
    const std::string suffix = fmt::format("_l{}{}", index, d == 0 ? "" : "_reverse");
    parameters_.emplace_back(shape, prefix, suffix, layout);
  }
}

template <typename S>
DirectionShape RecurrentLayer<S>::ShapeOf(Index direction, bool forward_only) const {
  return {shape_.cell,         shape_.precision,
          shape_.recompute,    direction == 1,
          shape_.input_size,   shape_.hidden_size,
          output_size(),       shape_.zoneout,
          shape_.cell_zoneout, forward_only && !shape_.recompute};
}

template <typename S>
DirectionArrays<S> RecurrentLayer<S>::ArraysOf(Index direction, const S* values,
                                               const Saved& saved) const {
  const std::size_t d = static_cast<std::size_t>(direction);
  DirectionArrays<S> arrays;
  arrays.norm = saved.norm[d];
  parameters_[d].SetValues(values, &arrays);
  arrays.x = saved.x;
  arrays.y = saved.y + direction * shape_.hidden_size;
  arrays.gates = saved.gates[d];
  arrays.memory = saved.memory[d];
  arrays.borders = saved.borders[d];
  if (direction == 0) arrays.carried = saved.carried;
  if (saved.key != nullptr && ShapeOf(direction).has_zoneout()) {
    arrays.zoneout = ZoneoutOf(direction, *saved.key);
  }
  return arrays;
}

template <typename S>
ZoneoutDraws RecurrentLayer<S>::ZoneoutOf(Index direction, const DropoutKey& key) const {
  const Index place = kZoneoutPlaces + 4 * place_ + 2 * direction;
  return {DropoutRng(key, place), DropoutRng(key, place + 1)};
}

// One mask for all slots of a step: it is the model that is drawn, not the data.
template <typename S>
void RecurrentLayer<S>::DropWeights(Index direction, const DropoutKey& key, S* weights) const {
  const CounterRng rng =
      DropoutRng({key.seed, key.step, 0}, kWeightPlaces + 2 * place_ + direction);
  ApplyDropout(rng, shape_.weight_dropout, recurrent_count(), weights);
}

template <typename S>
const S* RecurrentLayer<S>::DroppedWeights(Index direction, const DropoutKey& key, const S* weights,
                                           Workspace* workspace) const {
  S* const copy = workspace->Take<S>(recurrent_count());
  std::copy_n(weights, recurrent_count(), copy);
  DropWeights(direction, key, copy);
  return copy;
}

template <typename S>
typename RecurrentLayer<S>::Saved RecurrentLayer<S>::Forward(
    const PackedLayout& layout, const S* values, const S* x, S* y, Workspace* workspace,
    PassObserver* observer, const CarriedRows<S>& carried, const DropoutKey* key, bool forward_only,
    const PackedDirection<S>* packed) const {
  LOCKSTEP_CHECK((packed == nullptr || forward_only) && (!forward_only || key == nullptr));
  Saved saved;
  saved.key = key;
  saved.x = x;
  saved.y = y;
  saved.carried = carried;
  for (Index d = 0; d < shape_.directions; ++d) {
    const DirectionShape shape = ShapeOf(d, forward_only);
    TakeKept(d, shape, layout, &saved, workspace);
    if (observer != nullptr) observer->NeedValues(Elements(d).end);
    DirectionArrays<S> arrays = ArraysOf(d, values, saved);
    arrays.observer = observer;
    if (packed != nullptr) arrays.packed = packed + d;
    const Index mark = workspace->used_bytes();
    if (DropsWeights(key)) {
      arrays.weight_hh = DroppedWeights(d, *key, arrays.weight_hh, workspace);
    }
    DirectionPass<S>(shape, layout, arrays, workspace).Forward();
    workspace->Rewind(mark);
  }
  return saved;
}

template <typename S>
PackedDirection<S> RecurrentLayer<S>::PackForward(Index direction, const S* values,
                                                  Workspace* workspace) const {
  DirectionArrays<S> arrays;
  ParametersOf(direction).SetValues(values, &arrays);
  return DirectionPass<S>::PackForward(ShapeOf(direction), arrays.weight_ih, arrays.weight_hh,
                                       workspace);
}

template <typename S>
void RecurrentLayer<S>::Backward(const PackedLayout& layout, const S* values, const Saved& saved,
                                 const S* d_y, S* d_x, S* gradient, Workspace* workspace,
                                 PassObserver* observer) const {
  if (layout.rows() == 0) return;  // a slot may hold no sequence
  for (Index d = 0; d < shape_.directions; ++d) {
    DirectionArrays<S> arrays = ArraysOf(d, values, saved);
    arrays.observer = observer;
    arrays.d_y = d_y + d * shape_.hidden_size;
    arrays.d_x = d_x;
    arrays.d_x_adds = d > 0;
    ParametersOf(d).SetGradients(gradient, &arrays);
    const Index mark = workspace->used_bytes();
    if (DropsWeights(saved.key)) {
      arrays.weight_hh = DroppedWeights(d, *saved.key, arrays.weight_hh, workspace);
      arrays.d_weight_hh = TakeZeros<S>(recurrent_count(), workspace);
    }
    if (TraceOf(observer) != nullptr) TraceOf(observer)->EnterDirection(d);
    DirectionPass<S>(ShapeOf(d), layout, arrays, workspace).Backward();
    if (DropsWeights(saved.key)) AddDropped(d, *saved.key, arrays.d_weight_hh, gradient);
    workspace->Rewind(mark);
    if (observer != nullptr) observer->GradientDone(Elements(d).begin, Elements(d).end);
  }
}

// The mask is drawn once more, for the gradient of the weights that it was applied to.
template <typename S>
void RecurrentLayer<S>::AddDropped(Index direction, const DropoutKey& key, S* d_dropped,
                                   S* gradient) const {
  DropWeights(direction, key, d_dropped);
  DirectionArrays<S> arrays;
  ParametersOf(direction).SetGradients(gradient, &arrays);
  AddInPlace(recurrent_count(), d_dropped, arrays.d_weight_hh);
}

template <typename S>
typename RecurrentLayer<S>::Saved RecurrentLayer<S>::Prepare(const PackedLayout& layout, const S* x,
                                                             S* y, Workspace* workspace,
                                                             const CarriedRows<S>& carried,
                                                             const DropoutKey* key) const {
  LOCKSTEP_CHECK(shape_.directions == 1 && (!shape_.recompute || layout.steps() == 1));
  Saved saved;
  saved.key = key;
  saved.x = x;
  saved.y = y;
  saved.carried = carried;
  TakeKept(0, ShapeOf(0), layout, &saved, workspace);
  return saved;
}

namespace {

// Nothing runs when the workspace is rewound, so nothing may have to.
template <typename S>
DirectionPass<S>* MakePass(const DirectionShape& shape, const PackedLayout& layout,
                           const DirectionArrays<S>& arrays, Workspace* workspace) {
  static_assert(std::is_trivially_destructible_v<DirectionPass<S>>);
  static_assert(alignof(DirectionPass<S>) <= kAlignmentBytes);
  return new (workspace->Take<DirectionPass<S>>(1))
      DirectionPass<S>(shape, layout, arrays, workspace);
}

}  // namespace

template <typename S>
DirectionPass<S>* RecurrentLayer<S>::OpenForward(const PackedLayout& layout, const S* values,
                                                 const Saved& saved, Workspace* workspace,
                                                 PassObserver* observer) const {
  Need(Elements(0), observer);
  DirectionArrays<S> arrays = ArraysOf(0, values, saved);
  arrays.observer = observer;
  if (DropsWeights(saved.key)) {
    arrays.weight_hh = DroppedWeights(0, *saved.key, arrays.weight_hh, workspace);
  }
  DirectionPass<S>* const pass = MakePass<S>(ShapeOf(0), layout, arrays, workspace);
  pass->BeginForward();
  return pass;
}

template <typename S>
typename RecurrentLayer<S>::BackwardLoop RecurrentLayer<S>::OpenBackward(
    const PackedLayout& layout, const S* values, const Saved& saved, const S* d_y, S* d_x,
    S* gradient, Workspace* workspace, PassObserver* observer) const {
  DirectionArrays<S> arrays = ArraysOf(0, values, saved);
  arrays.observer = observer;
  arrays.d_y = d_y;
  arrays.d_x = d_x;
  ParametersOf(0).SetGradients(gradient, &arrays);
  BackwardLoop loop;
  if (DropsWeights(saved.key)) {
    arrays.weight_hh = DroppedWeights(0, *saved.key, arrays.weight_hh, workspace);
    arrays.d_weight_hh = loop.d_dropped = TakeZeros<S>(recurrent_count(), workspace);
  }
  loop.pass = MakePass<S>(ShapeOf(0), layout, arrays, workspace);
  loop.pass->BeginBackward();
  return loop;
}

template <typename S>
void RecurrentLayer<S>::CloseBackward(const BackwardLoop& loop, const Saved& saved, S* gradient,
                                      PassObserver* observer) const {
  loop.pass->EndBackward();
  if (loop.d_dropped != nullptr) AddDropped(0, *saved.key, loop.d_dropped, gradient);
  Done(Elements(0), observer);
}

template <typename S>
void RecurrentLayer<S>::TakeKept(Index direction, const DirectionShape& shape,
                                 const PackedLayout& layout, Saved* saved,
                                 Workspace* workspace) const {
  const std::size_t d = static_cast<std::size_t>(direction);
  const SlotBounds bounds{layout.sequences(), layout.steps(), layout.rows()};
  const Index H = shape_.hidden_size, rows = DirectionWalk<S>::KeptRows(shape, bounds);
  const Index border_rows = DirectionWalk<S>::BorderRows(shape, bounds);
  saved->gates[d] = workspace->Take<S>(rows * GateCount(shape_.cell) * H);
  saved->memory[d] = workspace->Take<S>(DirectionWalk<S>::MemoryRows(shape, bounds) * H);
  if (border_rows > 0) saved->borders[d] = workspace->Take<S>(border_rows * H);
  if (IsNormalised(shape_.cell)) TakeNorm(direction, rows, saved, workspace);
}

template <typename S>
void RecurrentLayer<S>::TakeNorm(Index direction, Index rows, Saved* saved,
                                 Workspace* workspace) const {
  NormArrays<S>& norm = saved->norm[static_cast<std::size_t>(direction)];
  const Index GH = GateCount(shape_.cell) * shape_.hidden_size;
  norm.input = workspace->Take<S>(rows * GH);
  norm.recurrent = workspace->Take<S>(rows * GH);
  norm.scales = workspace->Take<S>(rows * kNormScales);
}

template <typename S>
Index RecurrentLayer<S>::KeptBytes(const SlotBounds& bounds) const {
  const DirectionShape shape = ShapeOf(0);
  const Index H = shape_.hidden_size, rows = DirectionWalk<S>::KeptRows(shape, bounds);
  const auto bytes = [](Index count) { return Workspace::BytesFor<S>(count); };
  const Index gates = bytes(rows * GateCount(shape_.cell) * H);
  const Index norm = IsNormalised(shape_.cell) ? 2 * gates + bytes(rows * kNormScales) : 0;
  const Index memory = bytes(DirectionWalk<S>::MemoryRows(shape, bounds) * H);
  return shape_.directions *
         (gates + norm + memory + bytes(DirectionWalk<S>::BorderRows(shape, bounds) * H));
}

template <typename S>
Index RecurrentLayer<S>::ScratchBytes(const SlotBounds& bounds) const {
  const Index weights =
      shape_.weight_dropout > 0 ? 2 * Workspace::BytesFor<S>(recurrent_count()) : 0;
  return DirectionPass<S>::ScratchBytes(ShapeOf(0), bounds) + weights +
         Workspace::BytesFor<DirectionPass<S>>(1);
}

template class RecurrentLayer<float>;
template class RecurrentLayer<double>;

}  // namespace lockstep
