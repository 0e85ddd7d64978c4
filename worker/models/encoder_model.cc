#include "worker/models/encoder_model.h"

#include <algorithm>

#include "worker/layers/gradient_trace.h"
#include "worker/layers/packed_layers.h"
#include "worker/models/encoder_score_stream.h"

namespace lockstep {
namespace {

template <typename S>
class EncoderScorer : public SlotScorer<S> {
 public:
  EncoderScorer(const Encoder<S>* encoder, const Head<S>* head, const S* values)
      : encoder_(*encoder), head_(*head), values_(values), packed_(*encoder, values) {}

  Scores<S> Score(const SlotBatch& batch, Workspace* workspace) const override {
    const auto saved = encoder_.Forward(batch, nullptr, values_, workspace, nullptr, {}, &packed_);
    return head_.Score(batch, values_, saved.features(), workspace, nullptr);
  }

 private:
  const Encoder<S>& encoder_;
  const Head<S>& head_;
  const S* values_;
  PackedLayers<S> packed_;
};

}  // namespace

template <typename S>
EncoderModel<S>::EncoderModel(const EncoderOptions& encoder, const HeadOptions& head,
                              const Schema& schema) {
  this->schema_ = schema;
  HeadOptions resolved = head;
  resolved.head = ResolveHead(head.head, schema);
  encoder_.emplace(encoder, schema, !ReadsSequenceInputs(resolved.head), &this->layout_);
  head_ = MakeHead<S>(resolved,
                      {schema, *schema.Target(), encoder_->width(), encoder_->directions(),
                       encoder.precision, encoder_->input().embedding()},
                      &this->layout_);
  if (head.tie_embeddings) return;
  row_table_ = TableOf(this->layout_, encoder_->input().embedding(), encoder_->input().stand_in());
}

template <typename S>
std::vector<TaskMetric> EncoderModel<S>::metrics() const {
  const Schema& schema = this->schema_;
  const Field& target = schema.fields[*schema.Target()];
  const bool one_id = !target.is_real() && target.alignment == Alignment::kStep;
  if (schema.predicts_next && one_id) return {PerplexityMetric()};
  return head_->metrics();
}

template <typename S>
std::vector<ElementRange> EncoderModel<S>::GradientStages() const {
  std::vector<ElementRange> stages = {head_->Elements()};
  encoder_->AddStages(&stages);
  return stages;
}

template <typename S>
StateShape EncoderModel<S>::carried() const {
  return head_->takes_parts() ? encoder_->carried() : StateShape{};
}

template <typename S>
StepSums EncoderModel<S>::ForwardBackward(const SlotBatch& batch, const DropoutKey& key,
                                          const S* values, S* gradient, Workspace* workspace,
                                          PassObserver* observer,
                                          const CarriedStates<S>& carried) const {
  if (batch.layout.rows() == 0) return {};
  const Index mark = workspace->used_bytes();
  const auto saved = encoder_->Forward(batch, &key, values, workspace, observer, carried);
  // The two arrays swap their roles at every layer, so either may hold the widest gradient.
  const Index count = batch.layout.rows() * encoder_->widest();
  S* const d_y = workspace->Take<S>(count);
  S* const d_x = workspace->Take<S>(count);
  StepSums sums = head_->ForwardBackward(batch, key, values, saved.features(), d_y, gradient,
                                         workspace, observer);
  if (TraceOf(observer) != nullptr && head_->takes_parts()) {
    TraceOf(observer)->KeepLastTarget(batch.layout, encoder_->width(), d_y);
  }
  sums.loss +=
      encoder_->Backward(batch, key, saved, values, d_y, d_x, gradient, workspace, observer);
  Enter(Phase::kOther, observer);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
StepSums EncoderModel<S>::Evaluate(const SlotBatch& batch, const S* values, Workspace* workspace,
                                   PassObserver* observer, const CarriedStates<S>& carried) const {
  if (batch.layout.rows() == 0) return {};
  const Index mark = workspace->used_bytes();
  S* const features = FeaturesOf(batch, values, workspace, observer, carried);
  const StepSums sums = EvaluateFeatures(batch, values, features, workspace, observer);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
S* EncoderModel<S>::FeaturesOf(const SlotBatch& batch, const S* values, Workspace* workspace,
                               PassObserver* observer, const CarriedStates<S>& carried) const {
  return encoder_->Forward(batch, nullptr, values, workspace, observer, carried).features();
}

template <typename S>
StepSums EncoderModel<S>::EvaluateFeatures(const SlotBatch& batch, const S* values, S* features,
                                           Workspace* workspace, PassObserver* observer) const {
  return head_->Evaluate(batch, values, features, workspace, observer);
}

template <typename S>
Scores<S> EncoderModel<S>::Score(const SlotBatch& batch, const S* values, Workspace* workspace,
                                 PassObserver* observer, const CarriedStates<S>& carried) const {
  const auto saved = encoder_->Forward(batch, nullptr, values, workspace, observer, carried);
  return head_->Score(batch, values, saved.features(), workspace, observer);
}

template <typename S>
std::unique_ptr<ScoreStream<S>> EncoderModel<S>::OpenStream(const S* values,
                                                            Index most_steps) const {
  if (encoder_->directions() > 1 || !head_->scores_each_step()) return nullptr;
  return std::make_unique<EncoderScoreStream<S>>(&*encoder_, head_.get(), values, most_steps);
}

template <typename S>
std::unique_ptr<SlotScorer<S>> EncoderModel<S>::OpenScorer(const S* values) const {
  return std::make_unique<EncoderScorer<S>>(&*encoder_, head_.get(), values);
}

template <typename S>
Index EncoderModel<S>::WorkspaceBytes(const SlotBounds& bounds) const {
  return encoder_->KeptBytes(bounds) +
         2 * Workspace::BytesFor<S>(bounds.rows * encoder_->widest()) +
         std::max(encoder_->ScratchBytes(bounds), head_->WorkspaceBytes(bounds));
}

template <typename S>
Index EncoderModel<S>::ScoreBytes(const SlotBounds& bounds) const {
  return encoder_->KeptBytes(bounds) +
         std::max(encoder_->ScratchBytes(bounds), head_->ScoreBytes(bounds));
}

template <typename S>
double EncoderModel<S>::Flops(Index sequences, Index steps, Index /*target_steps*/) const {
  return static_cast<double>(steps) * (encoder_->FlopsPerStep() + head_->FlopsPerStep()) +
         static_cast<double>(sequences) * head_->FlopsPerSequence();
}

template class EncoderModel<float>;
template class EncoderModel<double>;

}  // namespace lockstep
