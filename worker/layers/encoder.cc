#include "worker/layers/encoder.h"

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/elementwise.h"
#include "worker/layers/activation_penalty.h"
#include "worker/layers/gradient_trace.h"
#include "worker/layers/packed_layers.h"

namespace lockstep {

template <typename S>
Encoder<S>::Encoder(const EncoderOptions& options, const Schema& schema, bool joins_sequence_inputs,
                    ParameterLayout* layout)
    : options_(options),
      dropout_(options),
      input_({options.embedding_size, options.embedding_scale, options.conv_channels,
              joins_sequence_inputs, options.precision, options.words},
             schema, layout) {
  RecurrentShape shape{.cell = options.cell,
                       .input_size = input_.width(),
                       .hidden_size = options.hidden_size,
                       .directions = options.bidirectional ? 2 : 1,
                       .forget_bias = options.forget_bias,
                       .precision = options.precision,
                       .recompute = options.recompute,
                       .weight_dropout = options.weight_dropout,
                       .zoneout = options.zoneout,
                       .cell_zoneout = options.cell_zoneout};
  for (Index l = 0; l < options.layers; ++l) {
    layers_.emplace_back(shape, l, layout);
    shape.input_size = layers_.back().output_size();
    look_aheads_.emplace_back();
    const Index ahead = LookAheadOf(options, l);
    if (ahead > 0) look_aheads_.back().emplace(ahead, shape.input_size, l, layout);
  }
  LOCKSTEP_CHECK(!options.bidirectional || TotalLookAhead(options) == 0);
  if (options.embedding_dropout > 0 && !input_.has_embedding()) {
    throw UsageError(
        "model.embedding_dropout is {}, but the field \"{}\" of the corpus has no embedding: set "
        "model.embedding_dropout = 0; model.input_dropout drops single values",
        options.embedding_dropout, schema.fields[0].name);
  }
}

template <typename S>
bool Encoder<S>::AddsInput(Index layer) const {
  const RecurrentLayer<S>& rnn = layers_[static_cast<std::size_t>(layer)];
  return options_.residual && rnn.shape().input_size == rnn.output_size();
}

template <typename S>
void Encoder<S>::AddStages(std::vector<ElementRange>* stages) const {
  for (Index l = options_.layers - 1; l >= 0; --l) {
    if (look_ahead(l) != nullptr) stages->push_back(look_ahead(l)->Elements());
    for (Index d = 0; d < layer(l).shape().directions; ++d) {
      stages->push_back(layer(l).Elements(d));
    }
  }
  if (input_.has_parameters()) stages->push_back(input_.Elements());
}

template <typename S>
StateShape Encoder<S>::carried() const {
  if (options_.bidirectional || layers_.empty()) return {};
  // The last steps of a part would need the first ones of the next part.
  if (TotalLookAhead(options_) > 0) return {};
  return {options_.layers * StateCount(options_.cell), options_.hidden_size};
}

// Returns what the layer gives: y itself, or what it is with the steps after it.
template <typename S>
S* Encoder<S>::LookAheadAfter(Index layer, const SlotBatch& batch, const S* values, S* y,
                              Workspace* workspace, PassObserver* observer) const {
  const LookAhead<S>* const ahead = look_ahead(layer);
  if (ahead == nullptr) return y;
  Need(ahead->Elements(), observer);
  Enter(Phase::kOther, observer);
  S* const seen = workspace->Take<S>(batch.layout.rows() * width());
  ahead->Forward(batch.layout, y, values, seen);
  return seen;
}

// Turns d_y, the gradient of what the layer gives, into that of its outputs h.
template <typename S>
void Encoder<S>::LookBack(Index layer, const SlotBatch& batch, const S* h, const S* values, S* d_y,
                          S* gradient, PassObserver* observer) const {
  const LookAhead<S>* const ahead = look_ahead(layer);
  if (ahead == nullptr) return;
  Enter(Phase::kOther, observer);
  ahead->Backward(batch.layout, h, values, d_y, gradient);
  Done(ahead->Elements(), observer);
}

// Returns the input of the layer above: y itself, or a copy with dropout or residual applied. A
// copy, because backward through time needs the unchanged y.
template <typename S>
S* Encoder<S>::NextInput(Index layer, const DropoutKey* key, const PackedLayout& layout, const S* x,
                         S* y, Workspace* workspace) const {
  const bool drops = key != nullptr && dropout_.DropsAfter(layer);
  if (!drops && !AddsInput(layer)) return y;
  const Index count = layout.rows() * width();
  S* const copy = workspace->Take<S>(count);
  std::copy_n(y, count, copy);
  if (AddsInput(layer)) AddInPlace(count, x, copy);
  if (drops) dropout_.DropAfter(layer, layout, width(), *key, copy);
  return copy;
}

// Whether d_y, once it is that of what the layer gives, is changed before the layer's backward.
template <typename S>
bool Encoder<S>::ChangesGradient(Index layer) const {
  return look_ahead(layer) != nullptr ||
         (layer + 1 == options_.layers && options_.difference_l2 > 0);
}

// The gradient that goes past the layer to its input: d_y itself, or a copy if that is changed.
template <typename S>
const S* Encoder<S>::KeptForInput(Index layer, Index rows, const S* d_y,
                                  Workspace* workspace) const {
  if (!ChangesGradient(layer) || !AddsInput(layer)) return d_y;
  S* const kept = workspace->Take<S>(rows * width());
  std::copy_n(d_y, rows * width(), kept);
  return kept;
}

// Where other values are joined to an embedding, only the embedding is dropped with its symbol.
template <typename S>
void Encoder<S>::DropInputs(const SlotBatch& batch, const DropoutKey& key, S* x) const {
  const Index width = input_.width();
  const Index embedded = input_.has_embedding() ? input_.embedding_width() : width;
  dropout_.DropInputs(batch, embedded, width, key, x);
}

template <typename S>
CarriedRows<S> Encoder<S>::CarriedBy(Index layer, const CarriedStates<S>& carried) const {
  if (carried.initial == nullptr && carried.final == nullptr) return {};
  LOCKSTEP_CHECK(!options_.bidirectional);
  const Index array = carried.sequences * options_.hidden_size;
  const Index first = layer * StateCount(options_.cell) * array;
  const bool has_memory = StateCount(options_.cell) > 1;
  CarriedRows<S> rows;
  if (carried.initial != nullptr) rows.initial_output = carried.initial + first;
  if (carried.final != nullptr) rows.final_output = carried.final + first;
  if (has_memory && carried.initial != nullptr) rows.initial_memory = rows.initial_output + array;
  if (has_memory && carried.final != nullptr) rows.final_memory = rows.final_output + array;
  return rows;
}

template <typename S>
typename Encoder<S>::Saved Encoder<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                               const S* values, Workspace* workspace,
                                               PassObserver* observer,
                                               const CarriedStates<S>& carried,
                                               const PackedLayers<S>* packed) const {
  const Index rows = batch.layout.rows();
  Saved saved;
  saved.inputs = {workspace->Take<S*>(options_.layers + 1), layers_.size() + 1};
  saved.layers = {workspace->Take<typename RecurrentLayer<S>::Saved>(options_.layers),
                  layers_.size()};
  if (input_.has_parameters()) Need(input_.Elements(), observer);
  Enter(Phase::kInput, observer);
  saved.input = input_.Forward(batch, key, values, workspace);
  if (key != nullptr) DropInputs(batch, *key, saved.input.x);
  S* x = saved.input.x;
  for (Index l = 0; l < options_.layers; ++l) {
    const RecurrentLayer<S>& layer = layers_[static_cast<std::size_t>(l)];
    saved.inputs[static_cast<std::size_t>(l)] = x;
    S* const y = workspace->Take<S>(rows * width());
    saved.layers[static_cast<std::size_t>(l)] =
        layer.Forward(batch.layout, values, x, y, workspace, observer, CarriedBy(l, carried), key,
                      key == nullptr, packed == nullptr ? nullptr : packed->layer(l));
    S* const seen = LookAheadAfter(l, batch, values, y, workspace, observer);
    Enter(Phase::kDropout, observer);
    x = NextInput(l, key, batch.layout, x, seen, workspace);
  }
  saved.inputs.back() = x;
  return saved;
}

template <typename S>
double Encoder<S>::Backward(const SlotBatch& batch, const DropoutKey& key, const Saved& saved,
                            const S* values, S* d_y, S* d_x, S* gradient, Workspace* workspace,
                            PassObserver* observer) const {
  const Index rows = batch.layout.rows();
  // What is traced is the loss of the targets alone.
  const bool penalised = TraceOf(observer) == nullptr;
  double penalty = 0;
  if (penalised && options_.activation_l2 > 0) {
    penalty += AddActivationL2(options_.activation_l2, rows, width(), saved.features(), d_y);
  }
  for (Index l = options_.layers - 1; l >= 0; --l) {
    const RecurrentLayer<S>& layer = layers_[static_cast<std::size_t>(l)];
    const bool needs_input_gradient = l > 0 || input_.has_parameters();
    Enter(Phase::kDropout, observer);
    dropout_.DropAfter(l, batch.layout, width(), key, d_y);
    const Index mark = workspace->used_bytes();
    const S* const d_sum = KeptForInput(l, rows, d_y, workspace);
    const auto& kept = saved.layers[static_cast<std::size_t>(l)];
    LookBack(l, batch, kept.y, values, d_y, gradient, observer);
    if (penalised && l + 1 == options_.layers && options_.difference_l2 > 0) {
      penalty += AddDifferenceL2(options_.difference_l2, batch.layout, width(), kept.y, d_y);
    }
    if (TraceOf(observer) != nullptr) TraceOf(observer)->EnterLayer(l);
    layer.Backward(batch.layout, values, kept, d_y, needs_input_gradient ? d_x : nullptr, gradient,
                   workspace, observer);
    Enter(Phase::kDropout, observer);
    if (needs_input_gradient && AddsInput(l)) AddInPlace(rows * width(), d_sum, d_x);
    workspace->Rewind(mark);
    std::swap(d_x, d_y);
  }
  Enter(Phase::kInput, observer);
  if (!input_.has_parameters()) return penalty;
  DropInputs(batch, key, d_y);
  input_.Backward(batch, saved.input, values, d_y, gradient, workspace);
  Done(input_.Elements(), observer);
  return penalty;
}

template <typename S>
Index Encoder<S>::KeptBytes(const SlotBounds& bounds) const {
  const auto matrix = [&](Index cols) { return Workspace::BytesFor<S>(bounds.rows * cols); };
  Index bytes = Workspace::BytesFor<S*>(options_.layers + 1) +
                Workspace::BytesFor<typename RecurrentLayer<S>::Saved>(options_.layers) +
                input_.KeptBytes(bounds);
  for (Index l = 0; l < options_.layers; ++l) {
    bytes += layers_[static_cast<std::size_t>(l)].KeptBytes(bounds) + matrix(width());
    if (look_ahead(l) != nullptr) bytes += matrix(width());
    if (dropout_.DropsAfter(l) || AddsInput(l)) bytes += matrix(width());
  }
  return bytes;
}

template <typename S>
Index Encoder<S>::ScratchBytes(const SlotBounds& bounds) const {
  Index scratch = input_.ScratchBytes(bounds);
  for (Index l = 0; l < options_.layers; ++l) {
    const bool copies = ChangesGradient(l) && AddsInput(l);
    scratch = std::max(scratch, layer(l).ScratchBytes(bounds) +
                                    (copies ? Workspace::BytesFor<S>(bounds.rows * width()) : 0));
  }
  return scratch;
}

template <typename S>
double Encoder<S>::FlopsPerStep() const {
  double flops = input_.FlopsPerStep();
  for (const RecurrentLayer<S>& layer : layers_) {
    const RecurrentShape& shape = layer.shape();
    const Index gates = shape.directions * GateCount(shape.cell) * shape.hidden_size;
    flops += 6.0 * static_cast<double>(gates * (shape.input_size + shape.hidden_size));
    const bool has_input_gradient = &layer != &layers_[0] || input_.has_parameters();
    if (!has_input_gradient) flops -= 2.0 * static_cast<double>(gates * shape.input_size);
  }
  return flops;
}

template class Encoder<float>;
template class Encoder<double>;

}  // namespace lockstep
