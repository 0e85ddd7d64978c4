// A head that gives one row of outputs per step. Which targets they are compared with depends on
// the loss (step_loss.h): one target per step (many-to-many; one-to-one if a sequence has one
// step), or a list of labels without times.
#pragma once

#include "worker/heads/head.h"
#include "worker/heads/output_layers.h"
#include "worker/heads/step_loss.h"

namespace lockstep {

template <typename S>
class StepHead : public Head<S> {
 public:
  // Declares its parameters at the end of the layout. `tied_weight`: see OutputLayers.
  StepHead(const DenseShape& dense, std::unique_ptr<StepLoss<S>> loss, ParameterLayout* layout,
           std::optional<ParameterId> tied_weight = {});

  ElementRange Elements() const override;
  StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values, S* x,
                           S* d_x, S* gradient, Workspace* workspace,
                           PassObserver* observer) const override;
  StepSums Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                    PassObserver* observer) const override;
  Scores<S> Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                  PassObserver* observer) const override;
  Index score_width() const override { return output_.output_size(); }
  Alignment score_alignment() const override { return Alignment::kStep; }
  Index WorkspaceBytes(const SlotBounds& bounds) const override {
    const Index output = loss_->takes_blocks() ? output_.BlockBytes(bounds.rows)
                                               : output_.WorkspaceBytes(bounds.rows);
    return output + loss_->WorkspaceBytes(bounds);
  }
  Index ScoreBytes(const SlotBounds& bounds) const override {
    const Index outputs = output_.WorkspaceBytes(bounds.rows);
    if (!loss_->chooses_labels()) return outputs;
    return outputs + Workspace::BytesFor<std::int32_t>(bounds.rows) + loss_->WorkspaceBytes(bounds);
  }
  double FlopsPerStep() const override { return output_.FlopsPerRow(); }
  double FlopsPerSequence() const override { return 0; }
  double UntrainedLoss() const override { return loss_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return loss_->counts(); }
  std::vector<TaskMetric> metrics() const override { return loss_->metrics(); }
  bool labels_must_fit() const override { return loss_->labels_must_fit(); }
  bool takes_parts() const override { return loss_->takes_parts(); }
  bool scores_each_step() const override { return !loss_->chooses_labels(); }
  Index OutputBytes() const override { return output_.WeightBytes(); }
  PackedMatrix<S> PackOutput(const S* values, Workspace* workspace) const override {
    return output_.PackWeight(values, workspace);
  }
  Scores<S> ScoreRows(Index rows, const PackedMatrix<S>& output, const S* values, S* x,
                      Workspace* workspace) const override;

 private:
  std::unique_ptr<StepLoss<S>> loss_;
  OutputLayers<S> output_;
};

}  // namespace lockstep
