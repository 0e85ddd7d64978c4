// A target for each step: outputs of every row against its class or real values. Many-to-many of
// equal length, and one-to-one where a sequence has one step.
#pragma once

#include "worker/heads/head.h"
#include "worker/heads/output_layers.h"
#include "worker/losses/row_loss.h"

namespace lockstep {

template <typename S>
class StepHead : public Head<S> {
 public:
  // `target` is the index of the target field. Declares its parameters at the end of the layout.
  StepHead(std::size_t target, const DenseShape& dense, std::unique_ptr<RowLoss<S>> loss,
           ParameterLayout* layout);

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
    return output_.WorkspaceBytes(bounds.rows);
  }
  double FlopsPerStep() const override { return output_.FlopsPerRow(); }
  double FlopsPerSequence() const override { return 0; }
  double UntrainedLoss() const override { return loss_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return loss_->counts(); }
  bool takes_parts() const override { return true; }

 private:
  typename OutputLayers<S>::Saved Forward(const SlotBatch& batch, const DropoutKey* key,
                                          const S* values, S* x, Workspace* workspace,
                                          PassObserver* observer) const;

  std::size_t target_;
  std::unique_ptr<RowLoss<S>> loss_;
  OutputLayers<S> output_;
};

}  // namespace lockstep
