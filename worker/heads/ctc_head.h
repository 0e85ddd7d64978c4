// Labels in a list of their own length, without times: connectionist temporal classification
// (losses/ctc_loss.h). Class 0 is the blank.
#pragma once

#include "worker/heads/head.h"
#include "worker/heads/output_layers.h"

namespace lockstep {

template <typename S>
class CtcHead : public Head<S> {
 public:
  // `target` is the index of the target field, whose vocabulary has `classes` names, the blank
  // included. Declares its parameters at the end of the layout.
  CtcHead(std::size_t target, const DenseShape& dense, Index classes, ParameterLayout* layout);

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
  Index WorkspaceBytes(const SlotBounds& bounds) const override;
  double FlopsPerStep() const override { return output_.FlopsPerRow(); }
  double FlopsPerSequence() const override { return 0; }
  // Per label; a uniform guess of each step. What a label costs before training depends on the
  // lengths, too.
  double UntrainedLoss() const override;
  // "correct": labels less the label errors of the greedy reading.
  std::span<const char* const> counts() const override;
  bool labels_must_fit() const override { return true; }

 private:
  typename OutputLayers<S>::Saved Forward(const SlotBatch& batch, const DropoutKey* key,
                                          const S* values, S* x, Workspace* workspace,
                                          PassObserver* observer) const;

  std::size_t target_;
  OutputLayers<S> output_;
};

}  // namespace lockstep
