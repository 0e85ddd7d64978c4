// A model made of an encoder, which computes features of each step, and a head, which computes the
// loss or the scores from them. Most tasks use this model with a head that fits their target.
//
// Parameters in forward order: those of the encoder, those of the head.
#pragma once

#include <optional>

#include "worker/heads/heads.h"
#include "worker/layers/encoder.h"
#include "worker/models/model.h"

namespace lockstep {

template <typename S>
class EncoderModel : public Model<S>, public DividedEvaluation<S> {
 public:
  // `schema` describes the batches. UsageError if the encoder or the head cannot use a field of it.
  EncoderModel(const EncoderOptions& encoder, const HeadOptions& head, const Schema& schema);

  StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                           S* gradient, Workspace* workspace, PassObserver* observer = nullptr,
                           const CarriedStates<S>& carried = {}) const override;
  StepSums Evaluate(const SlotBatch& batch, const S* values, Workspace* workspace,
                    PassObserver* observer = nullptr,
                    const CarriedStates<S>& carried = {}) const override;
  const DividedEvaluation<S>* divided() const override { return this; }
  S* FeaturesOf(const SlotBatch& batch, const S* values, Workspace* workspace,
                PassObserver* observer = nullptr,
                const CarriedStates<S>& carried = {}) const override;
  StepSums EvaluateFeatures(const SlotBatch& batch, const S* values, S* features,
                            Workspace* workspace, PassObserver* observer = nullptr) const override;
  Index feature_width() const override { return encoder_->width(); }
  Scores<S> Score(const SlotBatch& batch, const S* values, Workspace* workspace,
                  PassObserver* observer = nullptr,
                  const CarriedStates<S>& carried = {}) const override;
  std::unique_ptr<ScoreStream<S>> OpenStream(const S* values, Index most_steps) const override;
  std::unique_ptr<SlotScorer<S>> OpenScorer(const S* values) const override;
  Index score_width() const override { return head_->score_width(); }
  Alignment score_alignment() const override { return head_->score_alignment(); }

  std::vector<ElementRange> GradientStages() const override;
  Index WorkspaceBytes(const SlotBounds& bounds) const override;
  Index ScoreBytes(const SlotBounds& bounds) const override;
  double Flops(Index sequences, Index steps, Index target_steps) const override;
  double UntrainedLoss() const override { return head_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return head_->counts(); }
  // Perplexity alone where the target of a step is the id that the next step reads.
  std::vector<TaskMetric> metrics() const override;
  bool labels_must_fit() const override { return head_->labels_must_fit(); }
  StateShape carried() const override;
  RowTable row_table() const override { return row_table_; }

 private:
  std::optional<Encoder<S>> encoder_;
  std::unique_ptr<Head<S>> head_;
  RowTable row_table_;
};

}  // namespace lockstep
