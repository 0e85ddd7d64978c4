// Several trained models that decide together (an ensemble): the probability of a class is the mean
// of the probabilities that the members give it. For one class per step or per sequence.
//
//   p(c) = 1/K * sum over members k of p_k(c)
//
// p_k is the softmax of the member's scores; of a conditional random field these are logarithms of
// marginals, whose softmax they are. The scores of the ensemble are log p(c), and the loss of a
// target is -log p(target). Tags of spans are the best sequence that the order of labels allows, by
// the sum of log p; other classes are the largest of their row, for members of any head.
//
// It is for scores only and cannot be trained. The values of its members follow each other in one
// flat array, each [layout().size()] of its member; its own layout is empty.
#pragma once

#include <memory>
#include <vector>

#include "worker/heads/step_loss.h"
#include "worker/models/model.h"

namespace lockstep {

class EnsembleModel : public Model<float> {
 public:
  // At least one member. UsageError if the target of the first one is not one class per step or per
  // sequence, or if a member has another schema.
  explicit EnsembleModel(std::vector<std::unique_ptr<Model<float>>> members);

  // Aborts the program.
  StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const float* values,
                           float* gradient, Workspace* workspace, PassObserver* observer = nullptr,
                           const CarriedStates<float>& carried = {}) const override;
  StepSums Evaluate(const SlotBatch& batch, const float* values, Workspace* workspace,
                    PassObserver* observer = nullptr,
                    const CarriedStates<float>& carried = {}) const override;
  Scores<float> Score(const SlotBatch& batch, const float* values, Workspace* workspace,
                      PassObserver* observer = nullptr,
                      const CarriedStates<float>& carried = {}) const override;
  Index score_width() const override { return members_[0]->score_width(); }
  Alignment score_alignment() const override { return members_[0]->score_alignment(); }
  std::vector<ElementRange> GradientStages() const override { return {}; }
  Index WorkspaceBytes(const SlotBounds& bounds) const override;
  Index ScoreBytes(const SlotBounds& bounds) const override { return WorkspaceBytes(bounds); }
  double Flops(Index sequences, Index steps, Index target_steps) const override;
  double UntrainedLoss() const override { return loss_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return loss_->counts(); }
  std::vector<TaskMetric> metrics() const override { return loss_->metrics(); }
  bool labels_must_fit() const override { return false; }

 private:
  Index RowsOf(const SlotBatch& batch) const;

  std::vector<std::unique_ptr<Model<float>>> members_;
  std::size_t target_;
  std::unique_ptr<StepLoss<float>> loss_;  // of the targets of rows, whatever a row stands for
};

}  // namespace lockstep
