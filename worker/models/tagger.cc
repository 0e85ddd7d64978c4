#include "worker/models/tagger.h"

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/dropout.h"
#include "worker/kernels/elementwise.h"
#include "worker/kernels/gemm.h"
#include "worker/losses/cross_entropy.h"

namespace lockstep {

template <typename S>
Tagger<S>::Tagger(const TaggerOptions& options)
    : options_(options),
      input_({options.symbols, options.embedding_size, options.feature_width, options.conv_channels,
              options.precision},
             &layout_) {
  RecurrentShape shape{
      options.cell,        input_.width(),    options.hidden_size, options.bidirectional ? 2 : 1,
      options.forget_bias, options.precision, options.recompute};
  for (Index l = 0; l < options.layers; ++l) {
    layers_.emplace_back(shape, l, &layout_);
    shape.input_size = layers_.back().output_size();
  }
  head_weight_ =
      layout_.Add("head.weight", {options.classes, width()}, {.kind = Initialiser::Kind::kGlorot});
  head_bias_ = layout_.Add("head.bias", {options.classes}, {});
}

template <typename S>
bool Tagger<S>::AddsInput(Index layer) const {
  const RecurrentLayer<S>& rnn = layers_[static_cast<std::size_t>(layer)];
  return options_.residual && rnn.shape().input_size == rnn.output_size();
}

template <typename S>
CounterRng Tagger<S>::DropoutRng(const DropoutKey& key, Index layer) const {
  constexpr std::uint64_t kMostLayers = 1 << 16;
  return CounterRng(
      key.seed, RandomPurpose::kDropout, static_cast<std::uint64_t>(key.step),
      static_cast<std::uint64_t>(key.slot) * kMostLayers + static_cast<std::uint64_t>(layer));
}

template <typename S>
ElementRange Tagger<S>::Elements(ParameterId first, ParameterId last) const {
  return {layout_[first].offset, layout_[last].offset + layout_[last].count()};
}

template <typename S>
void Tagger<S>::Need(const ElementRange& elements, PassObserver* observer) {
  if (observer != nullptr) observer->NeedValues(elements.end);
}

template <typename S>
void Tagger<S>::Done(const ElementRange& elements, PassObserver* observer) {
  if (observer != nullptr) observer->GradientDone(elements.begin, elements.end);
}

template <typename S>
std::vector<ElementRange> Tagger<S>::GradientStages() const {
  std::vector<ElementRange> stages = {Elements(head_weight_, head_bias_)};
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    for (Index d = 0; d < layer->shape().directions; ++d) stages.push_back(layer->Elements(d));
  }
  if (input_.has_parameters()) stages.push_back(input_.Elements());
  return stages;
}

// What the layer above reads: y itself, or a changed copy, since backward through time needs y.
template <typename S>
S* Tagger<S>::NextInput(Index layer, const DropoutKey* key, Index rows, const S* x, S* y,
                        Workspace* workspace) const {
  const bool drops = key != nullptr && DropsAfter(layer);
  if (!drops && !AddsInput(layer)) return y;
  const Index count = rows * width();
  S* const copy = workspace->Take<S>(count);
  std::copy_n(y, count, copy);
  if (AddsInput(layer)) AddInPlace(count, x, copy);
  if (drops) ApplyDropout(DropoutRng(*key, layer), options_.dropout, count, copy);
  return copy;
}

template <typename S>
CarriedRows<S> Tagger<S>::CarriedBy(Index layer, const CarriedStates<S>& carried) const {
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
typename Tagger<S>::Activations Tagger<S>::Forward(const SlotBatch& batch, const DropoutKey* key,
                                                   const S* values, Workspace* workspace,
                                                   PassObserver* observer,
                                                   const CarriedStates<S>& carried) const {
  const Index rows = batch.layout.rows(), C = options_.classes;
  Activations activations;
  const std::size_t layers = layers_.size();
  activations.inputs = {workspace->Take<S*>(options_.layers + 1), layers + 1};
  activations.saved = {workspace->Take<Saved>(options_.layers), layers};
  if (input_.has_parameters()) Need(input_.Elements(), observer);
  EnterPhase(Phase::kInput, observer);
  activations.input = input_.Forward(batch, values, workspace);
  S* x = activations.input.x;
  for (Index l = 0; l < options_.layers; ++l) {
    const RecurrentLayer<S>& layer = layers_[static_cast<std::size_t>(l)];
    activations.inputs[static_cast<std::size_t>(l)] = x;
    S* const y = workspace->Take<S>(rows * width());
    activations.saved[static_cast<std::size_t>(l)] =
        layer.Forward(batch.layout, values, x, y, workspace, observer, CarriedBy(l, carried));
    EnterPhase(Phase::kDropout, observer);
    x = NextInput(l, key, rows, x, y, workspace);
  }
  activations.inputs.back() = x;
  activations.logits = workspace->Take<S>(rows * C);
  Need(Elements(head_weight_, head_bias_), observer);
  EnterPhase(Phase::kHead, observer);
  FillRows(rows, C, values + layout_[head_bias_].offset, activations.logits, C);
  const Index mark = workspace->used_bytes();
  const PackedMatrix<S> head = Pack(options_.precision, Op::kTransposed, width(), C,
                                    values + layout_[head_weight_].offset, width(), workspace);
  Multiply(rows, x, width(), head, true, activations.logits, C, workspace);
  workspace->Rewind(mark);
  return activations;
}

template <typename S>
void Tagger<S>::Backward(const SlotBatch& batch, const DropoutKey& key,
                         const Activations& activations, const S* values, S* gradient,
                         Workspace* workspace, PassObserver* observer) const {
  const Index rows = batch.layout.rows(), C = options_.classes;
  const S* d_logits = activations.logits;
  EnterPhase(Phase::kHead, observer);
  AddTransposed(options_.precision, C, width(), rows, d_logits, C, activations.inputs.back(),
                width(), gradient + layout_[head_weight_].offset, width(), workspace);
  AddColumnSums(rows, C, d_logits, C, gradient + layout_[head_bias_].offset);
  Done(Elements(head_weight_, head_bias_), observer);
  EnterPhase(Phase::kHead, observer);
  // The two swap at every layer, so each may come to hold the gradient of the lowest input.
  const Index widest = std::max(width(), layers_[0].shape().input_size);
  S* d_y = workspace->Take<S>(rows * widest);
  S* d_x = workspace->Take<S>(rows * widest);
  const Index mark = workspace->used_bytes();
  const PackedMatrix<S> head = Pack(options_.precision, Op::kAsIs, C, width(),
                                    values + layout_[head_weight_].offset, width(), workspace);
  Multiply(rows, d_logits, C, head, false, d_y, width(), workspace);
  workspace->Rewind(mark);
  for (Index l = options_.layers - 1; l >= 0; --l) {
    const RecurrentLayer<S>& layer = layers_[static_cast<std::size_t>(l)];
    const bool needs_input_gradient = l > 0 || input_.has_parameters();
    EnterPhase(Phase::kDropout, observer);
    if (DropsAfter(l)) ApplyDropout(DropoutRng(key, l), options_.dropout, rows * width(), d_y);
    layer.Backward(batch.layout, values, activations.saved[static_cast<std::size_t>(l)], d_y,
                   needs_input_gradient ? d_x : nullptr, gradient, workspace, observer);
    EnterPhase(Phase::kDropout, observer);
    if (needs_input_gradient && AddsInput(l)) AddInPlace(rows * width(), d_y, d_x);
    std::swap(d_x, d_y);
  }
  EnterPhase(Phase::kInput, observer);
  if (input_.has_parameters()) {
    input_.Backward(batch, activations.input, d_y, gradient, workspace);
    Done(input_.Elements(), observer);
  }
}

template <typename S>
LossSums Tagger<S>::Loss(const SlotBatch& batch, S* logits, Workspace* workspace) const {
  if (!options_.ctc) return CrossEntropy<S>(batch.targets, options_.classes, logits);
  return CtcLoss<S>(batch.layout, batch.targets, batch.target_offsets, options_.classes, logits,
                    workspace);
}

template <typename S>
LossSums Tagger<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                                    S* gradient, Workspace* workspace, PassObserver* observer,
                                    const CarriedStates<S>& carried) const {
  if (batch.layout.rows() == 0) return {};
  const Index mark = workspace->used_bytes();
  const Activations activations = Forward(batch, &key, values, workspace, observer, carried);
  EnterPhase(Phase::kLoss, observer);
  const LossSums sums = Loss(batch, activations.logits, workspace);
  Backward(batch, key, activations, values, gradient, workspace, observer);
  EnterPhase(Phase::kOther, observer);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
LossSums Tagger<S>::Evaluate(const SlotBatch& batch, const S* values, Workspace* workspace,
                             PassObserver* observer, const CarriedStates<S>& carried) const {
  if (batch.layout.rows() == 0) return {};
  const Index mark = workspace->used_bytes();
  const S* logits = Logits(batch, values, workspace, observer, carried);
  const LossSums sums = options_.ctc
                            ? CtcLossOnly<S>(batch.layout, batch.targets, batch.target_offsets,
                                             options_.classes, logits, workspace)
                            : CrossEntropyLoss<S>(batch.targets, options_.classes, logits);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
S* Tagger<S>::Logits(const SlotBatch& batch, const S* values, Workspace* workspace,
                     PassObserver* observer, const CarriedStates<S>& carried) const {
  return Forward(batch, nullptr, values, workspace, observer, carried).logits;
}

template <typename S>
Index Tagger<S>::WorkspaceBytes(const SlotBounds& bounds) const {
  const auto matrix = [&](Index cols) { return Workspace::BytesFor<S>(bounds.rows * cols); };
  Index bytes = Workspace::BytesFor<S*>(options_.layers + 1) +
                Workspace::BytesFor<Saved>(options_.layers) + input_.KeptBytes(bounds) +
                matrix(options_.classes) + 2 * matrix(std::max(width(), input_.width()));
  Index scratch = PackedBytes<S>(width(), options_.classes) +
                  PackedBytes<S>(options_.classes, width()) +
                  MultiplyBytes<S>(options_.precision, std::max(width(), options_.classes)) +
                  AddTransposedBytes<S>(options_.classes, width());
  scratch = std::max(scratch, input_.ScratchBytes());
  if (options_.ctc) {
    scratch = std::max(scratch, CtcWorkspaceBytes(bounds.steps, bounds.targets, options_.classes));
  }
  for (Index l = 0; l < options_.layers; ++l) {
    const RecurrentLayer<S>& layer = layers_[static_cast<std::size_t>(l)];
    bytes += layer.KeptBytes(bounds) + matrix(width());
    if (DropsAfter(l) || AddsInput(l)) bytes += matrix(width());
    scratch = std::max(scratch, layer.ScratchBytes(bounds));
  }
  return bytes + scratch;
}

template <typename S>
double Tagger<S>::FlopsPerStep() const {
  double flops = 6.0 * static_cast<double>(options_.classes * width()) + input_.FlopsPerStep();
  for (const RecurrentLayer<S>& layer : layers_) {
    const RecurrentShape& shape = layer.shape();
    const Index gates = shape.directions * GateCount(shape.cell) * shape.hidden_size;
    flops += 6.0 * static_cast<double>(gates * (shape.input_size + shape.hidden_size));
    const bool has_input_gradient = &layer != &layers_[0] || input_.has_parameters();
    if (!has_input_gradient) flops -= 2.0 * static_cast<double>(gates * shape.input_size);
  }
  return flops;
}

template class Tagger<float>;
template class Tagger<double>;

}  // namespace lockstep
