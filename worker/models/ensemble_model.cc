#include "worker/models/ensemble_model.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/batch/span_tags.h"
#include "worker/losses/probabilities.h"

namespace lockstep {
namespace {

// The index of the target, which must be one class per step or per sequence.
std::size_t TargetOf(const Schema& schema) {
  // Where the next symbol is predicted, the schema may have a target that was derived from the
  // inputs (Schema::WithDerivedTarget): such a stream has no sequences that members could score as
  // a whole.
  const auto target = schema.predicts_next ? std::nullopt : schema.Target();
  if (target) {
    const Field& field = schema.fields[*target];
    const bool per_row =
        field.alignment == Alignment::kStep || field.alignment == Alignment::kSequence;
    if (per_row && !field.is_real() && field.width == 1) return *target;
  }
  throw UsageError(
      "an ensemble averages the probabilities of classes, so it is for models with one class per "
      "step or per sequence; this model has other targets");
}

std::unique_ptr<StepLoss<float>> LossOf(const Schema& schema, std::size_t target) {
  const Field& field = schema.fields[target];
  const Vocabulary& classes = schema.VocabularyOf(field);
  auto loss = MakeSoftmaxLoss<float>(schema.IdsOf(field), {});
  if (field.alignment == Alignment::kStep && SpanTags::Of(classes))
    return MakeTagStepLoss<float>(target, classes, std::move(loss));
  return MakeRowStepLoss<float>(target, std::move(loss));
}

// Adds the probabilities of each row of scores to `sums` [rows, width].
void AddProbabilities(const Scores<float>& scores, double* sums) {
  const auto width = static_cast<std::size_t>(scores.width);
  for (Index row = 0; row < scores.rows; ++row) {
    const Index at = row * scores.width;
    AddSoftmax({scores.values + at, width}, {sums + at, width});
  }
}

}  // namespace

EnsembleModel::EnsembleModel(std::vector<std::unique_ptr<Model<float>>> members)
    : members_(std::move(members)) {
  schema_ = members_[0]->schema();
  target_ = TargetOf(schema_);
  loss_ = LossOf(schema_, target_);
  for (const auto& member : members_) {
    if (member->schema() == schema_) continue;
    throw UsageError(
        "the members of an ensemble must have the same inputs and classes, and these have not; "
        "take runs of one corpus and with the same data.stack and data.stride");
  }
}

StepSums EnsembleModel::ForwardBackward(const SlotBatch& /*batch*/, const DropoutKey& /*key*/,
                                        const float* /*values*/, float* /*gradient*/,
                                        Workspace* /*workspace*/, PassObserver* /*observer*/,
                                        const CarriedStates<float>& /*carried*/) const {
  LOCKSTEP_CHECK(false);  // an ensemble cannot be trained
  return {};
}

StepSums EnsembleModel::Evaluate(const SlotBatch& batch, const float* values, Workspace* workspace,
                                 PassObserver* observer,
                                 const CarriedStates<float>& carried) const {
  StepSums sums;
  if (RowsOf(batch) == 0) return sums;
  const Index mark = workspace->used_bytes();
  const Scores<float> scores = Score(batch, values, workspace, observer, carried);
  loss_->AddLoss(batch, {0, scores.rows}, scores.values, workspace, &sums, TallyOf(observer));
  workspace->Rewind(mark);
  return sums;
}

Scores<float> EnsembleModel::Score(const SlotBatch& batch, const float* values,
                                   Workspace* workspace, PassObserver* observer,
                                   const CarriedStates<float>& carried) const {
  const Index rows = RowsOf(batch), count = rows * score_width();
  auto* const logs = workspace->Take<float>(count);
  auto* const labels = workspace->Take<std::int32_t>(rows);
  auto* const sums = workspace->Take<double>(count);
  std::fill_n(sums, count, 0.0);
  for (const auto& member : members_) {
    const Index mark = workspace->used_bytes();
    AddProbabilities(member->Score(batch, values, workspace, observer, carried), sums);
    workspace->Rewind(mark);
    values += member->layout().size();
  }
  const auto size = static_cast<double>(members_.size());
  for (Index i = 0; i < count; ++i)
    logs[i] = static_cast<float>(std::log(std::max(sums[i] / size, kLeastProbability)));
  Scores<float> scores{logs, rows, score_width(), score_alignment()};
  if (!loss_->chooses_labels()) return scores;
  loss_->ChooseLabels(batch.layout, logs, labels, workspace);
  scores.labels = labels;
  return scores;
}

Index EnsembleModel::RowsOf(const SlotBatch& batch) const {
  return score_alignment() == Alignment::kStep ? batch.layout.rows() : batch.layout.sequences();
}

Index EnsembleModel::WorkspaceBytes(const SlotBounds& bounds) const {
  const bool per_step = score_alignment() == Alignment::kStep;
  const Index rows = per_step ? bounds.rows : bounds.sequences;
  Index largest = loss_->WorkspaceBytes(bounds);
  for (const auto& member : members_) largest = std::max(largest, member->ScoreBytes(bounds));
  return Workspace::BytesFor<float>(rows * score_width()) +
         Workspace::BytesFor<std::int32_t>(rows) +
         Workspace::BytesFor<double>(rows * score_width()) + largest;
}

double EnsembleModel::Flops(Index sequences, Index steps, Index target_steps) const {
  double flops = 0;
  for (const auto& member : members_) flops += member->Flops(sequences, steps, target_steps);
  return flops;
}

}  // namespace lockstep
