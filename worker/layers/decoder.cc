#include "worker/layers/decoder.h"

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/elementwise.h"
#include "worker/layers/direction_gradients.h"
#include "worker/layers/step_dropout.h"

namespace lockstep {
namespace {

// Columns that the input of the first layer has beside the embedding.
Index MoreColumns(const DecoderOptions& options, const DecoderShape& shape) {
  if (options.attention == AttentionKind::kNone) return shape.pooled_width;
  return options.input_feeding ? shape.vector_width : 0;
}

DecoderOptions Checked(const EncoderOptions& common, DecoderOptions options) {
  if (options.layers == 0) options.layers = common.layers;
  if (options.layers == 0) {
    throw UsageError(
        "model.layers is 0 and model.decoder_layers is 0, but a decoder needs a recurrent layer: "
        "set model.decoder_layers to 1 or more");
  }
  if (options.input_feeding && options.attention == AttentionKind::kNone) {
    throw UsageError(
        "model.input_feeding is true, but without attention there is nothing to feed: set it to "
        "false, or model.attention to dot or additive");
  }
  return options;
}

}  // namespace

template <typename S>
Decoder<S>::Decoder(const EncoderOptions& common, const DecoderOptions& options,
                    const DecoderShape& shape, ParameterLayout* layout)
    : common_(common),
      options_(Checked(common, options)),
      bridge_(shape.pooled_width, options_.layers, StateCount(common.cell), common.hidden_size,
              common.precision, layout),
      input_(common, shape.ids, MoreColumns(options_, shape), shape.shared_embedding, layout),
      stack_(common, options_.layers, input_.width(), options_.input_feeding, layout),
      attention_([&]() -> std::optional<TargetAttention<S>> {
        if (options_.attention == AttentionKind::kNone) return {};
        return TargetAttention<S>(options_.attention, shape.source_width, common.hidden_size,
                                  common.precision, layout);
      }()),
      output_("attention.output",
              (attention_ ? shape.source_width : shape.pooled_width) + common.hidden_size,
              shape.vector_width, common.precision, layout) {}

template <typename S>
void Decoder<S>::AddStages(std::vector<ElementRange>* stages) const {
  stages->push_back(output_.Elements());
  if (attention_) stages->push_back(attention_->attention().Elements());
  stack_.AddStages(stages);
  if (input_.Elements()) stages->push_back(*input_.Elements());
}

// Sets columns of the rows of each target to what is known of its source.
template <typename S>
void Decoder<S>::JoinContext(const DecoderSlot& slot, const S* pooled, S* rows, Index width,
                             Index column) const {
  const Index P = context_width();
  for (Index t = 0; t < slot.target.steps(); ++t) {
    for (Index k = 0; k < slot.target.active(t); ++k) {
      const S* const of_source = pooled + slot.sequence_of[static_cast<std::size_t>(k)] * P;
      std::copy_n(of_source, P, rows + slot.target.Row(t, k) * width + column);
    }
  }
}

template <typename S>
void Decoder<S>::AddContextGradient(const DecoderSlot& slot, const S* d_rows, Index width,
                                    Index column, S* d_pooled) const {
  const Index P = context_width();
  for (Index t = 0; t < slot.target.steps(); ++t) {
    for (Index k = 0; k < slot.target.active(t); ++k) {
      AddInPlace(P, d_rows + slot.target.Row(t, k) * width + column,
                 d_pooled + slot.sequence_of[static_cast<std::size_t>(k)] * P);
    }
  }
}

template <typename S>
void Decoder<S>::JoinStates(Index rows, const S* states, S* joined) const {
  const Index H = stack_.hidden_size();
  for (Index row = 0; row < rows; ++row) {
    std::copy_n(states + row * H, H, joined + row * joined_width() + context_width());
  }
}

template <typename S>
void Decoder<S>::TakeStates(Index rows, const S* d_joined, S* d_states) const {
  const Index H = stack_.hidden_size();
  for (Index row = 0; row < rows; ++row) {
    std::copy_n(d_joined + row * joined_width() + context_width(), H, d_states + row * H);
  }
}

template <typename S>
void Decoder<S>::Drop(const DecoderSlot& slot, const DropoutKey& key, S* x) const {
  if (common_.output_dropout == 0) return;
  DropValues(DropoutRng(key, kDecoderPlace), common_.output_dropout, common_.variational_dropout,
             slot.target, vector_width(), x);
}

template <typename S>
typename Decoder<S>::Saved Decoder<S>::Forward(const DecoderSlot& slot,
                                               const DecoderSource<S>& source,
                                               const DropoutKey* key, const S* values,
                                               Workspace* workspace, PassObserver* observer) const {
  const Index rows = slot.target.rows(), V = vector_width();
  Saved saved;
  Need(bridge_.Elements(), observer);
  Enter(Phase::kOther, observer);
  saved.bridge = bridge_.Forward(slot, source.pooled, values, workspace);
  S* const x = workspace->Take<S>(rows * input_.width());
  if (input_.Elements()) Need(*input_.Elements(), observer);
  Enter(Phase::kInput, observer);
  input_.Forward(slot, key, values, x, workspace);
  saved.joined = workspace->Take<S>(rows * joined_width());
  saved.vectors = workspace->Take<S>(rows * V);
  saved.features = saved.vectors;
  if (attention_) {
    Need(attention_->attention().Elements(), observer);
    Enter(Phase::kAttention, observer);
    saved.attention = attention_->Read(slot, source.features, values, workspace);
  } else {
    JoinContext(slot, source.pooled, x, input_.width(), input_.embedding_size());
    JoinContext(slot, source.pooled, saved.joined, joined_width(), 0);
  }
  if (options_.input_feeding) {
    saved.stack = stack_.Prepare(slot.target, key, x, bridge_, saved.bridge, workspace);
    Walk(slot, values, x, &saved, workspace, observer);
  } else {
    saved.stack =
        stack_.Forward(slot.target, key, values, x, bridge_, saved.bridge, workspace, observer);
    const S* const states = saved.stack.states();
    JoinStates(rows, states, saved.joined);
    Enter(Phase::kAttention, observer);
    if (attention_) {
      attention_->Forward(slot, saved.attention, states, values, saved.joined, joined_width(),
                          workspace);
    }
    Need(output_.Elements(), observer);
    output_.Forward(rows, saved.joined, values, saved.vectors, workspace);
    ApplyTanh(rows * V, saved.vectors);
  }
  if (key == nullptr || common_.output_dropout == 0) return saved;
  Enter(Phase::kDropout, observer);
  saved.features = workspace->Take<S>(rows * V);
  std::copy_n(saved.vectors, rows * V, saved.features);
  Drop(slot, *key, saved.features);
  return saved;
}

template <typename S>
void Decoder<S>::Backward(const DecoderSlot& slot, const DecoderSource<S>& source,
                          const DropoutKey& key, const Saved& saved, const S* values, S* d_features,
                          const SourceGradient& d_source, S* gradient, Workspace* workspace,
                          PassObserver* observer) const {
  const Index mark = workspace->used_bytes(), rows = slot.target.rows();
  const Index pooled = slot.source.sequences() * context_width();
  Drop(slot, key, d_features);
  S* const d_joined = workspace->Take<S>(rows * joined_width());
  S* const d_x = options_.input_feeding
                     ? BackwardStepByStep(slot, saved, values, d_features, d_joined, d_source,
                                          gradient, workspace, observer)
                     : BackwardAtOnce(slot, key, saved, values, d_features, d_joined, d_source,
                                      gradient, workspace, observer);
  S* d_context = nullptr;
  if (!attention_) {
    d_context = TakeZeros<S>(pooled, workspace);
    AddContextGradient(slot, d_joined, joined_width(), 0, d_context);
    AddContextGradient(slot, d_x, input_.width(), input_.embedding_size(), d_context);
  }
  Enter(Phase::kInput, observer);
  input_.Backward(slot, key, d_x, gradient, workspace);
  if (input_.Elements()) Done(*input_.Elements(), observer);
  Enter(Phase::kOther, observer);
  bridge_.Backward(slot, saved.bridge, source.pooled, values, d_source.d_pooled, gradient,
                   workspace);
  if (d_context != nullptr) AddInPlace(pooled, d_context, d_source.d_pooled);
  workspace->Rewind(mark);
}

// Returns the gradient of the layers' inputs.
template <typename S>
S* Decoder<S>::BackwardAtOnce(const DecoderSlot& slot, const DropoutKey& key, const Saved& saved,
                              const S* values, S* d_vectors, S* d_joined,
                              const SourceGradient& d_source, S* gradient, Workspace* workspace,
                              PassObserver* observer) const {
  const Index rows = slot.target.rows();
  Enter(Phase::kAttention, observer);
  TanhBackward(rows * vector_width(), saved.vectors, d_vectors);
  output_.AddGradient(rows, saved.joined, d_vectors, gradient, workspace);
  Done(output_.Elements(), observer);
  output_.InputGradient(rows, d_vectors, values, d_joined, workspace);
  S* const d_states = workspace->Take<S>(rows * stack_.widest());
  S* const d_x = workspace->Take<S>(rows * stack_.widest());
  TakeStates(rows, d_joined, d_states);
  if (attention_) {
    attention_->Backward(slot, saved.attention, saved.stack.states(), d_joined, joined_width(),
                         values, d_states, d_source.d_features, gradient, workspace);
    Done(attention_->attention().Elements(), observer);
  }
  return stack_.Backward(slot.target, key, saved.stack, values, d_states, d_x, gradient, workspace,
                         observer);
}

template <typename S>
Index Decoder<S>::KeptBytes(const SlotBounds& source, const SlotBounds& target) const {
  const auto matrix = [&](Index cols) { return Workspace::BytesFor<S>(target.rows * cols); };
  const Index vectors = (common_.output_dropout > 0 ? 2 : 1) * matrix(vector_width());
  return bridge_.KeptBytes(source.sequences) + matrix(input_.width()) + matrix(joined_width()) +
         vectors + stack_.KeptBytes(target) +
         (attention_ ? attention_->KeptBytes(source, target.rows) : 0);
}

template <typename S>
Index Decoder<S>::ScratchBytes(const SlotBounds& source, const SlotBounds& target) const {
  const auto matrix = [&](Index cols) { return Workspace::BytesFor<S>(target.rows * cols); };
  const Index attention =
      attention_ ? attention_->ScratchBytes(source, target.rows, target.steps) : 0;
  const Index output =
      output_.ScratchBytes() + output_.PackedBytesForward() + output_.PackedBytesBackward();
  return matrix(joined_width()) + 2 * matrix(stack_.widest()) + attention + output +
         stack_.ScratchBytes(target) + input_.ScratchBytes(target.rows) +
         bridge_.ScratchBytes(source.sequences) +
         Workspace::BytesFor<S>(source.sequences * context_width());
}

template <typename S>
double Decoder<S>::FlopsPerSourceStep() const {
  return attention_ ? attention_->attention().FlopsPerSourceStep() : 0;
}

template <typename S>
double Decoder<S>::FlopsPerStep(double source_steps) const {
  return stack_.FlopsPerStep() + output_.FlopsPerRow() +
         (attention_ ? attention_->attention().FlopsPerRow(source_steps) : 0);
}

template class Decoder<float>;
template class Decoder<double>;

}  // namespace lockstep
