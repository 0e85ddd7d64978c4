#include "worker/models/encoder_decoder_stepper.h"

#include <algorithm>

#include "base/error.h"
#include "worker/kernels/elementwise.h"

namespace lockstep {
namespace {

// A layout of `rows` sequences of one step.
void AssignOneStep(Index rows, std::vector<Index>* scratch, PackedLayout* layout) {
  scratch->assign(static_cast<std::size_t>(rows), 1);
  layout->Assign(*scratch);
}

}  // namespace

template <typename S>
EncoderDecoderStepper<S>::EncoderDecoderStepper(const EncoderDecoderModel<S>* model,
                                                const S* values, const SlotBounds& source_bounds,
                                                Index most_rows)
    : model_(*model),
      values_(values),
      most_rows_(std::max(most_rows, source_bounds.sequences)),
      most_steps_(source_bounds.steps),
      workspace_(BytesFor(*model, source_bounds, most_rows_)) {
  AssignOneStep(most_rows_, &scratch_, &rows_);
  OpenLoops();
}

template <typename S>
void EncoderDecoderStepper<S>::OpenLoops() {
  const Decoder<S>& decoder = model_.decoder();
  const DecoderStack<S>& stack = decoder.stack();
  const auto take = [&](Index width) { return workspace_.Take<S>(most_rows_ * width); };
  x_ = take(decoder.input().width());
  joined_ = take(decoder.output().input_size());
  vectors_ = take(decoder.vector_width());
  logits_ = take(classes());
  initial_.targets = most_rows_;
  initial_.initial = take(decoder.bridge().width());
  stack_ = stack.Prepare(rows_, nullptr, x_, decoder.bridge(), initial_, &workspace_);
  layers_ = stack.OpenForward(rows_, stack_, values_, &workspace_, nullptr);
  output_weight_ = decoder.output().PackForward(values_, &workspace_);
  head_weight_ = model_.output().PackWeight(values_, &workspace_);
  if (decoder.has_attention()) OpenAttention();
  opened_bytes_ = workspace_.used_bytes();
}

// Each hypothesis has room for the weights of the longest source.
template <typename S>
void EncoderDecoderStepper<S>::OpenAttention() {
  Index* const first = workspace_.Take<Index>(most_rows_);
  for (Index row = 0; row < most_rows_; ++row) first[row] = row * most_steps_;
  attention_.first = first;
  attention_.weights = workspace_.Take<S>(most_rows_ * most_steps_);
  attention_.queries = workspace_.Take<S>(most_rows_ * model_.decoder().stack().hidden_size());
  // Without a projection, the states of a step are its queries.
  if (model_.decoder().attention()->attention().query() == nullptr) attention_.queries = nullptr;
}

template <typename S>
void EncoderDecoderStepper<S>::Begin(const SlotBatch& source) {
  const Decoder<S>& decoder = model_.decoder();
  workspace_.Rewind(opened_bytes_);
  sources_ = source.layout;
  LOCKSTEP_CHECK(sources_.sequences() <= most_rows_ && sources_.steps() <= most_steps_);
  const auto encoded = model_.encoder().Forward(source, nullptr, values_, &workspace_, nullptr, {});
  const Index width = model_.pooling().output_size();
  S* const pooled = workspace_.Take<S>(sources_.sequences() * width);
  model_.pooling().Forward(sources_, encoded.features(), values_, pooled, width, &workspace_);
  pooled_ = pooled;
  BeginStates(source, pooled);
  if (const TargetAttention<S>* attention = decoder.attention()) {
    attention_.source =
        attention->attention().Read(sources_, encoded.features(), values_, &workspace_);
    attending_ = attention->OpenForward(SlotOf({}), attention_, values_, &workspace_);
  }
}

// The first step goes on from what the bridge has made of each source. So its states are put where
// a step leaves them.
template <typename S>
void EncoderDecoderStepper<S>::BeginStates(const SlotBatch& source, const S* pooled) {
  const Decoder<S>& decoder = model_.decoder();
  const DecoderStack<S>& stack = decoder.stack();
  const Index sources = source.layout.sequences(), count = sources * stack.hidden_size();
  source_of_.resize(static_cast<std::size_t>(sources));
  for (Index b = 0; b < sources; ++b) source_of_[static_cast<std::size_t>(b)] = b;
  AssignOneStep(sources, &scratch_, &rows_);
  const auto states = decoder.bridge().Forward(SlotOf({}), pooled, values_, &workspace_);
  for (Index l = 0; l < stack.layers(); ++l) {
    const CarriedRows<S> initial = decoder.bridge().Of(l, states);
    const auto& layer = stack_.layers[static_cast<std::size_t>(l)];
    std::copy_n(initial.initial_output, count, layer.y);
    if (initial.initial_memory != nullptr) {
      std::copy_n(initial.initial_memory, count, layer.memory[0]);
    }
  }
  std::fill_n(vectors_, sources * decoder.vector_width(), S(0));
}

// Copies the states of the rows that hypotheses go on from to where the layers begin.
template <typename S>
void EncoderDecoderStepper<S>::GoOnFrom(std::span<const Index> previous) {
  const Decoder<S>& decoder = model_.decoder();
  const Index H = decoder.stack().hidden_size(), rows = std::ssize(previous);
  scratch_.resize(previous.size());
  for (std::size_t row = 0; row < previous.size(); ++row) {
    scratch_[row] = source_of_[static_cast<std::size_t>(previous[row])];
  }
  std::swap(scratch_, source_of_);
  for (Index l = 0; l < decoder.stack().layers(); ++l) {
    const auto& layer = stack_.layers[static_cast<std::size_t>(l)];
    S* const output = initial_.initial + decoder.bridge().FirstOf(l, initial_);
    S* const memory = output + most_rows_ * H;
    const bool has_memory = layer.carried.initial_memory != nullptr;
    for (Index row = 0; row < rows; ++row) {
      const Index from = previous[static_cast<std::size_t>(row)] * H;
      std::copy_n(layer.y + from, H, output + row * H);
      if (has_memory) std::copy_n(layer.memory[0] + from, H, memory + row * H);
    }
  }
}

// The columns of the input beside the embedding.
template <typename S>
void EncoderDecoderStepper<S>::JoinInput(std::span<const Index> previous) {
  const Decoder<S>& decoder = model_.decoder();
  const Index more = decoder.input().width() - decoder.input().embedding_size();
  if (more == 0) return;
  for (std::size_t row = 0; row < previous.size(); ++row) {
    const S* const from =
        decoder.feeds_input() ? vectors_ + previous[row] * more : pooled_ + source_of_[row] * more;
    std::copy_n(from, more, x_ + static_cast<Index>(row + 1) * decoder.input().width() - more);
  }
}

// What the vectors are computed from: context and state.
template <typename S>
void EncoderDecoderStepper<S>::JoinOutput(const DecoderSlot& slot) {
  const Decoder<S>& decoder = model_.decoder();
  const Index J = decoder.output().input_size(), C = decoder.context_width();
  const Index H = decoder.stack().hidden_size();
  for (Index row = 0; row < rows_.rows(); ++row) {
    std::copy_n(stack_.states() + row * H, H, joined_ + row * J + C);
    if (decoder.has_attention()) continue;
    std::copy_n(pooled_ + source_of_[static_cast<std::size_t>(row)] * C, C, joined_ + row * J);
  }
  if (!decoder.has_attention()) return;
  decoder.attention()->ForwardStep(slot, attention_, attending_, 0, stack_.states(), values_,
                                   joined_, J, &workspace_);
}

template <typename S>
std::span<const S> EncoderDecoderStepper<S>::Step(std::span<const Index> previous,
                                                  std::span<const std::int32_t> tokens) {
  const Decoder<S>& decoder = model_.decoder();
  const Index rows = std::ssize(previous);
  LOCKSTEP_CHECK(rows >= 1 && rows <= most_rows_);
  LOCKSTEP_CHECK_EQ(rows, std::ssize(tokens));
  GoOnFrom(previous);
  AssignOneStep(rows, &scratch_, &rows_);
  const DecoderSlot slot = SlotOf(tokens);
  decoder.input().Forward(slot, nullptr, values_, x_, &workspace_);
  JoinInput(previous);
  decoder.stack().ForwardStep(rows_, stack_, layers_, 0);
  JoinOutput(slot);
  decoder.output().ForwardPacked(rows, joined_, output_weight_, values_, vectors_, &workspace_);
  ApplyTanh(rows * decoder.vector_width(), vectors_);
  model_.output().ForwardPacked(rows, vectors_, head_weight_, values_, logits_, &workspace_);
  return {logits_, static_cast<std::size_t>(rows * classes())};
}

template <typename S>
std::span<const S> EncoderDecoderStepper<S>::Attention(Index row) const {
  if (!model_.decoder().has_attention()) return {};
  const Index b = source_of_[static_cast<std::size_t>(row)];
  return {attention_.weights + row * most_steps_,
          static_cast<std::size_t>(attention_.source.steps(b))};
}

template <typename S>
Index EncoderDecoderStepper<S>::BytesFor(const EncoderDecoderModel<S>& model,
                                         const SlotBounds& source, Index rows) {
  const Decoder<S>& decoder = model.decoder();
  const SlotBounds one_step{rows, 1, rows, {}, {}};
  const auto matrix = [rows](Index width) { return Workspace::BytesFor<S>(rows * width); };
  const Index attention = matrix(source.steps) + matrix(decoder.stack().hidden_size()) +
                          Workspace::BytesFor<Index>(rows);
  const Index arrays = matrix(decoder.vector_width()) + matrix(model.output().output_size()) +
                       matrix(decoder.bridge().width()) + attention + model.output().WeightBytes();
  const Index encoded = model.encoder().KeptBytes(source) + model.pooling().WorkspaceBytes(source) +
                        Workspace::BytesFor<S>(source.sequences * model.pooling().output_size());
  return arrays + encoded + decoder.KeptBytes(source, one_step) +
         decoder.ScratchBytes(source, one_step) + decoder.stack().LoopBytes(one_step) +
         model.encoder().ScratchBytes(source) + model.output().PackedRowsBytes(rows);
}

template class EncoderDecoderStepper<float>;
template class EncoderDecoderStepper<double>;

}  // namespace lockstep
