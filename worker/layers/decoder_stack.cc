#include "worker/layers/decoder_stack.h"

#include <algorithm>
#include <memory>

#include "worker/kernels/elementwise.h"
#include "worker/layers/step_dropout.h"

namespace lockstep {
namespace {

template <typename T>
std::span<T> TakeSpan(Index count, Workspace* workspace) {
  T* const first = workspace->Take<T>(count);
  std::uninitialized_value_construct_n(first, count);
  return {first, static_cast<std::size_t>(count)};
}

template <typename S>
void MultiplyInPlace(Index count, const S* mask, S* x) {
  for (Index i = 0; i < count; ++i) x[i] *= mask[i];
}

}  // namespace

template <typename S>
DecoderStack<S>::DecoderStack(const EncoderOptions& options, Index layers, Index input_size,
                              bool step_by_step, ParameterLayout* layout)
    : options_(options), step_by_step_(step_by_step) {
  RecurrentShape shape{.cell = options.cell,
                       .input_size = input_size,
                       .hidden_size = options.hidden_size,
                       .directions = 1,
                       .forget_bias = options.forget_bias,
                       .precision = options.precision,
                       .recompute = options.recompute && !step_by_step,
                       .weight_dropout = options.weight_dropout,
                       .zoneout = options.zoneout,
                       .cell_zoneout = options.cell_zoneout};
  for (Index l = 0; l < layers; ++l) {
    layers_.emplace_back(shape, "decoder", l, kDecoderLayer + l, layout);
    shape.input_size = options.hidden_size;
  }
}

template <typename S>
bool DecoderStack<S>::AddsInput(Index l) const {
  return options_.residual && layer(l).shape().input_size == hidden_size();
}

template <typename S>
void DecoderStack<S>::Drop(Index l, const PackedLayout& layout, const DropoutKey& key, S* x) const {
  DropValues(DropoutRng(key, kDecoderLayer + l), options_.dropout, options_.variational_dropout,
             layout, hidden_size(), x);
}

template <typename S>
typename DecoderStack<S>::Saved DecoderStack<S>::TakeSaved(S* x, Workspace* workspace) const {
  Saved saved;
  saved.inputs = TakeSpan<S*>(layers() + 1, workspace);
  saved.masks = TakeSpan<S*>(layers(), workspace);
  saved.layers = TakeSpan<typename RecurrentLayer<S>::Saved>(layers(), workspace);
  saved.inputs.front() = x;
  return saved;
}

// Backward through time needs the unchanged outputs of a layer, so what is dropped or added to is a
// copy of them.
template <typename S>
typename DecoderStack<S>::Saved DecoderStack<S>::Forward(
    const PackedLayout& layout, const DropoutKey* key, const S* values, S* x,
    const StateBridge<S>& bridge, const typename StateBridge<S>::Saved& states,
    Workspace* workspace, PassObserver* observer) const {
  const Index count = layout.rows() * hidden_size();
  const Saved saved = TakeSaved(x, workspace);
  for (Index l = 0; l < layers(); ++l) {
    const auto at = static_cast<std::size_t>(l);
    S* y = workspace->Take<S>(count);
    saved.layers[at] = layer(l).Forward(layout, values, saved.inputs[at], y, workspace, observer,
                                        bridge.Of(l, states), key);
    Enter(Phase::kDropout, observer);
    if (Copies(l)) {
      y = std::copy_n(y, count, workspace->Take<S>(count)) - count;
      if (AddsInput(l)) AddInPlace(count, saved.inputs[at], y);
      if (DropsAfter(l) && key != nullptr) Drop(l, layout, *key, y);
    }
    saved.inputs[at + 1] = y;
  }
  return saved;
}

template <typename S>
S* DecoderStack<S>::Backward(const PackedLayout& layout, const DropoutKey& key, const Saved& saved,
                             const S* values, S* d_y, S* d_x, S* gradient, Workspace* workspace,
                             PassObserver* observer) const {
  for (Index l = layers() - 1; l >= 0; --l) {
    Enter(Phase::kDropout, observer);
    if (DropsAfter(l)) Drop(l, layout, key, d_y);
    layer(l).Backward(layout, values, saved.layers[static_cast<std::size_t>(l)], d_y, d_x, gradient,
                      workspace, observer);
    Enter(Phase::kDropout, observer);
    if (AddsInput(l)) AddInPlace(layout.rows() * hidden_size(), d_y, d_x);
    std::swap(d_x, d_y);
  }
  return d_y;
}

template <typename S>
typename DecoderStack<S>::Saved DecoderStack<S>::Prepare(
    const PackedLayout& layout, const DropoutKey* key, S* x, const StateBridge<S>& bridge,
    const typename StateBridge<S>::Saved& states, Workspace* workspace) const {
  const Index count = layout.rows() * hidden_size();
  const Saved saved = TakeSaved(x, workspace);
  for (Index l = 0; l < layers(); ++l) {
    const auto at = static_cast<std::size_t>(l);
    S* const y = workspace->Take<S>(count);
    saved.layers[at] =
        layer(l).Prepare(layout, saved.inputs[at], y, workspace, bridge.Of(l, states), key);
    saved.inputs[at + 1] = Copies(l) ? workspace->Take<S>(count) : y;
    // A mask counts the values of all steps, and is therefore drawn for all of them at once.
    if (!DropsAfter(l) || key == nullptr) continue;
    saved.masks[at] = workspace->Take<S>(count);
    std::fill_n(saved.masks[at], count, S(1));
    Drop(l, layout, *key, saved.masks[at]);
  }
  return saved;
}

template <typename S>
typename DecoderStack<S>::ForwardLoop DecoderStack<S>::OpenForward(const PackedLayout& layout,
                                                                   const Saved& saved,
                                                                   const S* values,
                                                                   Workspace* workspace,
                                                                   PassObserver* observer) const {
  const auto loop = TakeSpan<DirectionPass<S>*>(layers(), workspace);
  for (std::size_t l = 0; l < loop.size(); ++l) {
    loop[l] = layers_[l].OpenForward(layout, values, saved.layers[l], workspace, observer);
  }
  return loop;
}

template <typename S>
void DecoderStack<S>::ForwardStep(const PackedLayout& layout, const Saved& saved,
                                  const ForwardLoop& loop, Index t) const {
  const Index first = layout.row_start(t) * hidden_size();
  const Index count = layout.active(t) * hidden_size();
  for (std::size_t l = 0; l < loop.size(); ++l) {
    loop[l]->ForwardOne(t);
    if (!Copies(static_cast<Index>(l))) continue;
    S* const y = saved.inputs[l + 1] + first;
    std::copy_n(saved.layers[l].y + first, count, y);
    if (AddsInput(static_cast<Index>(l))) AddInPlace(count, saved.inputs[l] + first, y);
    if (saved.masks[l] != nullptr) MultiplyInPlace(count, saved.masks[l] + first, y);
  }
}

template <typename S>
typename DecoderStack<S>::BackwardLoop DecoderStack<S>::OpenBackward(const PackedLayout& layout,
                                                                     const Saved& saved,
                                                                     const S* values, S* gradient,
                                                                     Workspace* workspace,
                                                                     PassObserver* observer) const {
  BackwardLoop loop;
  loop.layers = TakeSpan<typename RecurrentLayer<S>::BackwardLoop>(layers(), workspace);
  loop.d_inputs = TakeSpan<S*>(layers() + 1, workspace);
  for (Index l = 0; l <= layers(); ++l) {
    const Index width = l < layers() ? layer(l).shape().input_size : hidden_size();
    loop.d_inputs[static_cast<std::size_t>(l)] = workspace->Take<S>(layout.rows() * width);
  }
  for (std::size_t l = 0; l < loop.layers.size(); ++l) {
    loop.layers[l] = layers_[l].OpenBackward(layout, values, saved.layers[l], loop.d_inputs[l + 1],
                                             loop.d_inputs[l], gradient, workspace, observer);
  }
  return loop;
}

template <typename S>
void DecoderStack<S>::BackwardStep(const PackedLayout& layout, const Saved& saved,
                                   const BackwardLoop& loop, Index t) const {
  const Index first = layout.row_start(t) * hidden_size();
  const Index count = layout.active(t) * hidden_size();
  for (std::size_t l = loop.layers.size(); l-- > 0;) {
    S* const d_y = loop.d_inputs[l + 1] + first;
    if (saved.masks[l] != nullptr) MultiplyInPlace(count, saved.masks[l] + first, d_y);
    loop.layers[l].pass->BackwardOne(t);
    if (AddsInput(static_cast<Index>(l))) AddInPlace(count, d_y, loop.d_inputs[l] + first);
  }
}

template <typename S>
void DecoderStack<S>::CloseBackward(const Saved& saved, const BackwardLoop& loop, S* gradient,
                                    PassObserver* observer) const {
  for (std::size_t l = loop.layers.size(); l-- > 0;) {
    layers_[l].CloseBackward(loop.layers[l], saved.layers[l], gradient, observer);
  }
}

template <typename S>
void DecoderStack<S>::AddStages(std::vector<ElementRange>* stages) const {
  for (Index l = layers() - 1; l >= 0; --l) stages->push_back(layer(l).Elements(0));
}

template <typename S>
Index DecoderStack<S>::KeptBytes(const SlotBounds& bounds) const {
  const Index matrix = Workspace::BytesFor<S>(bounds.rows * hidden_size());
  Index bytes = Workspace::BytesFor<S*>(layers() + 1) + Workspace::BytesFor<S*>(layers()) +
                Workspace::BytesFor<typename RecurrentLayer<S>::Saved>(layers());
  for (Index l = 0; l < layers(); ++l) {
    const Index masks = step_by_step_ && DropsAfter(l) ? 1 : 0;
    bytes += layer(l).KeptBytes(bounds) + (1 + (Copies(l) ? 1 : 0) + masks) * matrix;
  }
  return bytes;
}

template <typename S>
Index DecoderStack<S>::ScratchBytes(const SlotBounds& bounds) const {
  if (step_by_step_) return LoopBytes(bounds);
  Index most = 0;
  for (const RecurrentLayer<S>& layer : layers_) {
    most = std::max(most, layer.ScratchBytes(bounds));
  }
  return most;
}

template <typename S>
Index DecoderStack<S>::LoopBytes(const SlotBounds& bounds) const {
  Index bytes = Workspace::BytesFor<S>(bounds.rows * hidden_size()) +
                Workspace::BytesFor<typename RecurrentLayer<S>::BackwardLoop>(layers()) +
                2 * Workspace::BytesFor<S*>(layers() + 1);
  for (const RecurrentLayer<S>& layer : layers_) {
    bytes +=
        layer.ScratchBytes(bounds) + Workspace::BytesFor<S>(bounds.rows * layer.shape().input_size);
  }
  return bytes;
}

template <typename S>
double DecoderStack<S>::FlopsPerStep() const {
  double flops = 0;
  for (const RecurrentLayer<S>& layer : layers_) {
    const RecurrentShape& shape = layer.shape();
    flops += 6.0 * static_cast<double>(GateCount(shape.cell) * shape.hidden_size *
                                       (shape.input_size + shape.hidden_size));
  }
  return flops;
}

template class DecoderStack<float>;
template class DecoderStack<double>;

}  // namespace lockstep
