#include "worker/layers/recurrent_layer.h"

#include "base/error.h"
#include "worker/layers/gradient_trace.h"

namespace lockstep {
namespace {

Initialiser BiasInitialiser(const RecurrentShape& shape) {
  constexpr Index kForgetGate = 1;
  if (shape.cell != CellKind::kLstm) return {.gates = GateCount(shape.cell)};
  return {.kind = Initialiser::Kind::kBlockConstant,
          .gates = 4,
          .value = shape.forget_bias,
          .block = kForgetGate};
}

}  // namespace

template <typename S>
RecurrentLayer<S>::RecurrentLayer(const RecurrentShape& shape, Index index, ParameterLayout* layout)
    : shape_(shape), layout_(layout) {
  const Index gates = GateCount(shape.cell), H = shape.hidden_size;
  for (Index d = 0; d < shape.directions; ++d) {
    const std::string suffix = fmt::format("_l{}{}", index, d == 0 ? "" : "_reverse");
    DirectionIds ids;
    ids.weight_ih = layout->Add("rnn.weight_ih" + suffix, {gates * H, shape.input_size},
                                {.kind = Initialiser::Kind::kGlorot, .gates = gates});
    ids.weight_hh = layout->Add("rnn.weight_hh" + suffix, {gates * H, H},
                                {.kind = Initialiser::Kind::kOrthogonal, .gates = gates});
    ids.bias_ih = layout->Add("rnn.bias_ih" + suffix, {gates * H}, BiasInitialiser(shape));
    ids.bias_hh = layout->Add("rnn.bias_hh" + suffix, {gates * H}, {.gates = gates});
    ids_.push_back(ids);
  }
}

template <typename S>
DirectionShape RecurrentLayer<S>::ShapeOf(Index direction) const {
  return {shape_.cell,       shape_.precision,   shape_.recompute, direction == 1,
          shape_.input_size, shape_.hidden_size, output_size()};
}

template <typename S>
ElementRange RecurrentLayer<S>::Elements(Index direction) const {
  const DirectionIds& ids = ids_[static_cast<std::size_t>(direction)];
  const ParameterInfo& last = (*layout_)[ids.bias_hh];
  return {(*layout_)[ids.weight_ih].offset, last.offset + last.count()};
}

template <typename S>
DirectionArrays<S> RecurrentLayer<S>::ArraysOf(Index direction, const S* values,
                                               const Saved& saved) const {
  const DirectionIds& ids = ids_[static_cast<std::size_t>(direction)];
  const std::size_t d = static_cast<std::size_t>(direction);
  const auto at = [&](ParameterId id) { return values + (*layout_)[id].offset; };
  DirectionArrays<S> arrays;
  arrays.weight_ih = at(ids.weight_ih);
  arrays.weight_hh = at(ids.weight_hh);
  arrays.bias_ih = at(ids.bias_ih);
  arrays.bias_hh = at(ids.bias_hh);
  arrays.x = saved.x;
  arrays.y = saved.y + direction * shape_.hidden_size;
  arrays.gates = saved.gates[d];
  arrays.memory = saved.memory[d];
  arrays.borders = saved.borders[d];
  if (direction == 0) arrays.carried = saved.carried;
  return arrays;
}

template <typename S>
typename RecurrentLayer<S>::Saved RecurrentLayer<S>::Forward(const PackedLayout& layout,
                                                             const S* values, const S* x, S* y,
                                                             Workspace* workspace,
                                                             PassObserver* observer,
                                                             const CarriedRows<S>& carried) const {
  Saved saved;
  saved.x = x;
  saved.y = y;
  saved.carried = carried;
  for (Index d = 0; d < shape_.directions; ++d) {
    TakeKept(d, layout, &saved, workspace);
    if (observer != nullptr) observer->NeedValues(Elements(d).end);
    DirectionArrays<S> arrays = ArraysOf(d, values, saved);
    arrays.observer = observer;
    DirectionPass<S>(ShapeOf(d), layout, arrays, workspace).Forward();
  }
  return saved;
}

template <typename S>
void RecurrentLayer<S>::Backward(const PackedLayout& layout, const S* values, const Saved& saved,
                                 const S* d_y, S* d_x, S* gradient, Workspace* workspace,
                                 PassObserver* observer) const {
  if (layout.rows() == 0) return;  // a slot may hold no sequence
  for (Index d = 0; d < shape_.directions; ++d) {
    const DirectionIds& ids = ids_[static_cast<std::size_t>(d)];
    const auto at = [&](ParameterId id) { return gradient + (*layout_)[id].offset; };
    DirectionArrays<S> arrays = ArraysOf(d, values, saved);
    arrays.observer = observer;
    arrays.d_y = d_y + d * shape_.hidden_size;
    arrays.d_x = d_x;
    arrays.d_x_adds = d > 0;
    arrays.d_weight_ih = at(ids.weight_ih);
    arrays.d_weight_hh = at(ids.weight_hh);
    arrays.d_bias_ih = at(ids.bias_ih);
    arrays.d_bias_hh = at(ids.bias_hh);
    if (TraceOf(observer) != nullptr) TraceOf(observer)->EnterDirection(d);
    DirectionPass<S>(ShapeOf(d), layout, arrays, workspace).Backward();
    if (observer != nullptr) observer->GradientDone(Elements(d).begin, Elements(d).end);
  }
}

template <typename S>
void RecurrentLayer<S>::TakeKept(Index direction, const PackedLayout& layout, Saved* saved,
                                 Workspace* workspace) const {
  const std::size_t d = static_cast<std::size_t>(direction);
  const DirectionShape shape = ShapeOf(direction);
  const SlotBounds bounds{layout.sequences(), layout.steps(), layout.rows()};
  const Index H = shape_.hidden_size, rows = DirectionWalk<S>::KeptRows(shape, bounds);
  const Index border_rows = DirectionWalk<S>::BorderRows(shape, bounds);
  saved->gates[d] = workspace->Take<S>(rows * GateCount(shape_.cell) * H);
  saved->memory[d] = workspace->Take<S>(rows * H);
  if (border_rows > 0) saved->borders[d] = workspace->Take<S>(border_rows * H);
}

template <typename S>
Index RecurrentLayer<S>::KeptBytes(const SlotBounds& bounds) const {
  const DirectionShape shape = ShapeOf(0);
  const Index H = shape_.hidden_size, rows = DirectionWalk<S>::KeptRows(shape, bounds);
  return shape_.directions *
         (Workspace::BytesFor<S>(rows * GateCount(shape_.cell) * H) +
          Workspace::BytesFor<S>(rows * H) +
          Workspace::BytesFor<S>(DirectionWalk<S>::BorderRows(shape, bounds) * H));
}

template <typename S>
Index RecurrentLayer<S>::ScratchBytes(const SlotBounds& bounds) const {
  return DirectionPass<S>::ScratchBytes(ShapeOf(0), bounds);
}

template class RecurrentLayer<float>;
template class RecurrentLayer<double>;

}  // namespace lockstep
