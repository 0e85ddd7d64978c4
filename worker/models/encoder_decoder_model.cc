#include "worker/models/encoder_decoder_model.h"

#include <algorithm>

#include "worker/kernels/elementwise.h"
#include "worker/losses/bleu_metric.h"
#include "worker/models/encoder_decoder_fit.h"
#include "worker/models/encoder_decoder_stepper.h"
#include "worker/models/read_targets.h"
#include "worker/models/written_targets.h"

namespace lockstep {

template <typename S>
EncoderDecoderModel<S>::EncoderDecoderModel(const EncoderOptions& encoder,
                                            const DecoderOptions& decoder, const HeadOptions& head,
                                            const Schema& schema)
    : options_(decoder), target_(WrittenField(head, schema)) {
  this->schema_ = schema;
  const Field& target = schema.fields[target_];
  start_ = schema.VocabularyOf(target).start;
  end_ = schema.VocabularyOf(target).end;
  encoder_.emplace(encoder, schema, true, &this->layout_);
  pooling_.emplace(PoolingFromName(head.pooling), encoder_->width(), encoder_->directions(),
                   encoder.precision, &this->layout_);
  DecoderShape shape{.ids = schema.IdsOf(target),
                     .source_width = encoder_->width(),
                     .pooled_width = pooling_->output_size(),
                     .vector_width = VectorWidth(encoder, head)};
  const bool shares = SharesEmbedding(head, schema, target_);
  if (shares) shape.shared_embedding = encoder_->input().embedding();
  decoder_.emplace(encoder, decoder, shape, &this->layout_);
  std::optional<ParameterId> tied;
  if (head.tie_embeddings) tied = decoder_->input().embedding();
  output_.emplace(DenseShape{shape.vector_width, head.dense_layers, head.dense_size,
                             head.dense_dropout, encoder.precision},
                  shape.ids, &this->layout_, tied);
  loss_ = MakeSoftmaxLoss<S>(shape.ids, head.class_weights, head.label_smoothing);
  if (!shares) row_table_ = TableOf(this->layout_, encoder_->input().embedding());
}

template <typename S>
ElementRange EncoderDecoderModel<S>::BridgeElements() const {
  const ElementRange bridge = decoder_->bridge().Elements();
  return {pooling_->has_parameters() ? pooling_->first_element() : bridge.begin, bridge.end};
}

template <typename S>
std::vector<ElementRange> EncoderDecoderModel<S>::GradientStages() const {
  std::vector<ElementRange> stages = {HeadElements()};
  decoder_->AddStages(&stages);
  stages.push_back(BridgeElements());
  encoder_->AddStages(&stages);
  return stages;
}

template <typename S>
typename EncoderDecoderModel<S>::Read EncoderDecoderModel<S>::ReadSources(
    const SlotBatch& batch, const DropoutKey* key, const S* values, Workspace* workspace,
    PassObserver* observer) const {
  Read read;
  read.encoder = encoder_->Forward(batch, key, values, workspace, observer, {});
  const Index width = pooling_->output_size();
  read.pooled = workspace->Take<S>(batch.layout.sequences() * width);
  Need(BridgeElements(), observer);
  Enter(Phase::kOther, observer);
  read.pooling = pooling_->Forward(batch.layout, read.encoder.features(), values, read.pooled,
                                   width, workspace);
  return read;
}

template <typename S>
std::int32_t* EncoderDecoderModel<S>::TakePrevious(const FieldBatch& target,
                                                   Workspace* workspace) const {
  auto* const previous = workspace->Take<std::int32_t>(target.layout.rows());
  ReadBefore(target, start_, previous);
  return previous;
}

// Scheduled sampling in two passes: the first reads the targets as they are and finds the most
// probable id of each row; the second, which is trained, reads these in place of some targets.
template <typename S>
void EncoderDecoderModel<S>::Sample(const DecoderSlot& slot, const Read& read,
                                    const DropoutKey& key, const S* values, std::int32_t* previous,
                                    Workspace* workspace, PassObserver* observer) const {
  const double probability = SamplingProbability(options_, key.step);
  if (probability == 0) return;
  const Index mark = workspace->used_bytes(), C = output_->output_size();
  const PackedLayout& layout = slot.target;
  auto* const best = workspace->Take<std::int32_t>(layout.rows());
  const auto saved = decoder_->Forward(slot, read.source(), nullptr, values, workspace, observer);
  Need(HeadElements(), observer);
  Enter(Phase::kHead, observer);
  output_->ForwardByBlocks(layout.rows(), saved.features, values, workspace,
                           [&](const RowBlock& block, const S* outputs) {
                             for (Index row = 0; row < block.count; ++row) {
                               const S* const of_row = outputs + row * C;
                               best[block.first + row] = static_cast<std::int32_t>(
                                   std::max_element(of_row, of_row + C) - of_row);
                             }
                           });
  SamplePrevious(layout, best, probability, key, previous);
  workspace->Rewind(mark);
}

template <typename S>
StepSums EncoderDecoderModel<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key,
                                                 const S* values, S* gradient, Workspace* workspace,
                                                 PassObserver* observer,
                                                 const CarriedStates<S>& /*carried*/) const {
  const FieldBatch& target = TargetOf(batch);
  const Index rows = target.layout.rows(), mark = workspace->used_bytes();
  if (rows == 0) return {};
  const Read read = ReadSources(batch, &key, values, workspace, observer);
  std::int32_t* const previous = TakePrevious(target, workspace);
  const DecoderSlot slot{
      batch.layout, target.layout, target.sequence_of, {previous, static_cast<std::size_t>(rows)}};
  Sample(slot, read, key, values, previous, workspace, observer);
  const auto saved = decoder_->Forward(slot, read.source(), &key, values, workspace, observer);
  S* const d_features = workspace->Take<S>(rows * decoder_->vector_width());
  StepSums sums;
  Need(HeadElements(), observer);
  Enter(Phase::kHead, observer);
  const Index head_mark = workspace->used_bytes();
  output_->ForwardBackwardByBlocks(
      rows, saved.features, values, &key, d_features, gradient, workspace,
      [&](const RowBlock& block, S* outputs) {
        Enter(Phase::kLoss, observer);
        loss_->SetGradient(target, block, outputs, &sums);
        Enter(Phase::kHead, observer);
      },
      [&] { Done(HeadElements(), observer); });
  workspace->Rewind(head_mark);
  typename Decoder<S>::SourceGradient d_source;
  if (decoder_->has_attention()) {
    d_source.d_features = workspace->Take<S>(batch.layout.rows() * encoder_->widest());
  }
  d_source.d_pooled = workspace->Take<S>(batch.layout.sequences() * pooling_->output_size());
  decoder_->Backward(slot, read.source(), key, saved, values, d_features, d_source, gradient,
                     workspace, observer);
  sums.loss += BackwardSources(batch, key, read, values, d_source, gradient, workspace, observer);
  Enter(Phase::kOther, observer);
  workspace->Rewind(mark);
  return sums;
}

// Returns the penalties of the encoder's activations.
template <typename S>
double EncoderDecoderModel<S>::BackwardSources(const SlotBatch& batch, const DropoutKey& key,
                                               const Read& read, const S* values,
                                               const typename Decoder<S>::SourceGradient& d_source,
                                               S* gradient, Workspace* workspace,
                                               PassObserver* observer) const {
  const Index rows = batch.layout.rows();
  S* const d_y = workspace->Take<S>(rows * encoder_->widest());
  S* d_x = d_source.d_features;
  if (d_x == nullptr) d_x = workspace->Take<S>(rows * encoder_->widest());
  pooling_->Backward(batch.layout, read.encoder.features(), read.pooling, values, d_source.d_pooled,
                     pooling_->output_size(), d_y, gradient, workspace);
  if (d_source.d_features != nullptr) {
    AddInPlace(rows * encoder_->width(), d_source.d_features, d_y);
  }
  Done(BridgeElements(), observer);
  return encoder_->Backward(batch, key, read.encoder, values, d_y, d_x, gradient, workspace,
                            observer);
}

// The features of the decoder for the targets as they are, without dropout.
template <typename S>
typename Decoder<S>::Saved EncoderDecoderModel<S>::ReadTargets(const SlotBatch& batch,
                                                               const S* values,
                                                               Workspace* workspace,
                                                               PassObserver* observer) const {
  const FieldBatch& target = TargetOf(batch);
  const Read read = ReadSources(batch, nullptr, values, workspace, observer);
  const DecoderSlot slot{
      batch.layout,
      target.layout,
      target.sequence_of,
      {TakePrevious(target, workspace), static_cast<std::size_t>(target.layout.rows())}};
  const auto saved = decoder_->Forward(slot, read.source(), nullptr, values, workspace, observer);
  Need(HeadElements(), observer);
  Enter(Phase::kHead, observer);
  return saved;
}

template <typename S>
StepSums EncoderDecoderModel<S>::Evaluate(const SlotBatch& batch, const S* values,
                                          Workspace* workspace, PassObserver* observer,
                                          const CarriedStates<S>& /*carried*/) const {
  const FieldBatch& target = TargetOf(batch);
  StepSums sums;
  if (target.layout.rows() == 0) return sums;
  const Index mark = workspace->used_bytes();
  const auto saved = ReadTargets(batch, values, workspace, observer);
  output_->ForwardByBlocks(target.layout.rows(), saved.features, values, workspace,
                           [&](const RowBlock& block, const S* outputs) {
                             loss_->AddLoss(target, block, outputs, &sums, nullptr);
                           });
  workspace->Rewind(mark);
  if (options_.counts_ngrams && TallyOf(observer) != nullptr) CountNgrams(batch, values, observer);
  return sums;
}

template <typename S>
std::vector<TaskMetric> EncoderDecoderModel<S>::metrics() const {
  if (options_.counts_ngrams) return {BleuMetric(), PerplexityMetric()};
  return {PerplexityMetric()};
}

// Adds the n-grams of a slot to the tally. The stepper has memory of its own, for this call only.
template <typename S>
void EncoderDecoderModel<S>::CountNgrams(const SlotBatch& batch, const S* values,
                                         PassObserver* observer) const {
  const PackedLayout& layout = batch.layout;
  SlotBounds bounds{
      .sequences = layout.sequences(), .steps = layout.steps(), .rows = layout.rows()};
  bounds.field_rows.assign(batch.fields.size(), layout.rows());
  bounds.longest.assign(batch.fields.size(), layout.steps());
  const auto stepper = OpenTokenStepper(values, bounds, bounds.sequences);
  const auto written = WriteTargets<S>(batch, start_, end_, stepper.get(), observer);
  AddToTally(CountNgramsOf(TargetOf(batch), written), TallyOf(observer));
}

template <typename S>
Scores<S> EncoderDecoderModel<S>::Score(const SlotBatch& batch, const S* values,
                                        Workspace* workspace, PassObserver* observer,
                                        const CarriedStates<S>& /*carried*/) const {
  const Index rows = TargetOf(batch).layout.rows();
  const auto saved = ReadTargets(batch, values, workspace, observer);
  const auto output = output_->Forward(rows, saved.features, values, nullptr, workspace);
  return {output.outputs, rows, score_width(), Alignment::kOwnSteps};
}

template <typename S>
std::unique_ptr<TokenStepper<S>> EncoderDecoderModel<S>::OpenTokenStepper(
    const S* values, const SlotBounds& source_bounds, Index most_rows) const {
  return std::make_unique<EncoderDecoderStepper<S>>(this, values, source_bounds, most_rows);
}

template <typename S>
SlotBounds EncoderDecoderModel<S>::TargetBounds(const SlotBounds& bounds) const {
  return {bounds.sequences, bounds.longest[target_], bounds.field_rows[target_], {}, {}};
}

// What reading sources and targets keeps.
template <typename S>
Index EncoderDecoderModel<S>::KeptBytes(const SlotBounds& bounds) const {
  const SlotBounds target = TargetBounds(bounds);
  return encoder_->KeptBytes(bounds) +
         Workspace::BytesFor<S>(bounds.sequences * pooling_->output_size()) +
         pooling_->WorkspaceBytes(bounds) + Workspace::BytesFor<std::int32_t>(target.rows) +
         decoder_->KeptBytes(bounds, target);
}

template <typename S>
Index EncoderDecoderModel<S>::ScratchBytes(const SlotBounds& bounds) const {
  return std::max(encoder_->ScratchBytes(bounds),
                  decoder_->ScratchBytes(bounds, TargetBounds(bounds)));
}

template <typename S>
Index EncoderDecoderModel<S>::WorkspaceBytes(const SlotBounds& bounds) const {
  const Index rows = TargetBounds(bounds).rows;
  const Index gradients = Workspace::BytesFor<S>(rows * decoder_->vector_width()) +
                          Workspace::BytesFor<S>(bounds.sequences * pooling_->output_size()) +
                          2 * Workspace::BytesFor<S>(bounds.rows * encoder_->widest());
  return KeptBytes(bounds) + Workspace::BytesFor<std::int32_t>(rows) + gradients +
         std::max(ScratchBytes(bounds), output_->BlockBytes(rows));
}

template <typename S>
Index EncoderDecoderModel<S>::ScoreBytes(const SlotBounds& bounds) const {
  return KeptBytes(bounds) +
         std::max(ScratchBytes(bounds), output_->WorkspaceBytes(TargetBounds(bounds).rows));
}

template <typename S>
double EncoderDecoderModel<S>::Flops(Index sequences, Index steps, Index target_steps) const {
  const double mean_steps =
      static_cast<double>(steps) / static_cast<double>(std::max<Index>(1, sequences));
  const double per_step =
      encoder_->FlopsPerStep() + pooling_->FlopsPerStep() + decoder_->FlopsPerSourceStep();
  return static_cast<double>(steps) * per_step +
         static_cast<double>(sequences) * decoder_->FlopsPerSequence() +
         static_cast<double>(target_steps) *
             (decoder_->FlopsPerStep(mean_steps) + output_->FlopsPerRow());
}

template class EncoderDecoderModel<float>;
template class EncoderDecoderModel<double>;

}  // namespace lockstep
