// A target for each sequence: the features of its steps become one row (layers/pooling.h), to which
// the real inputs that a sequence has once are joined; then dense layers and one output row against
// its class or real values. Many-to-one, and one-to-one where a sequence has one step.
//
// Parameters: those of the pooling, those of the output layers.
#pragma once

#include "worker/heads/head.h"
#include "worker/heads/output_layers.h"
#include "worker/layers/pooling.h"
#include "worker/losses/row_loss.h"

namespace lockstep {

template <typename S>
class PooledHead : public Head<S> {
 public:
  // `target` is the index of the target field, `joined` those of the inputs that a sequence has
  // once, in `schema`. dense.input_size is set here. `dropout` in [0, 1) is that on the pooled row.
  // Declares its parameters at the end of the layout.
  PooledHead(std::size_t target, const Schema& schema, const std::vector<std::size_t>& joined,
             Pooling<S> pooling, const DenseShape& dense, double dropout,
             std::unique_ptr<RowLoss<S>> loss, ParameterLayout* layout);

  ElementRange Elements() const override;
  StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values, S* x,
                           S* d_x, S* gradient, Workspace* workspace,
                           PassObserver* observer) const override;
  StepSums Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                    PassObserver* observer) const override;
  Scores<S> Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                  PassObserver* observer) const override;
  Index score_width() const override { return output_.output_size(); }
  Alignment score_alignment() const override { return Alignment::kSequence; }
  Index WorkspaceBytes(const SlotBounds& bounds) const override;
  double FlopsPerStep() const override { return pooling_.FlopsPerStep(); }
  double FlopsPerSequence() const override { return output_.FlopsPerRow(); }
  double UntrainedLoss() const override { return loss_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return loss_->counts(); }

 private:
  struct Saved {
    typename Pooling<S>::Saved pooling;
    typename OutputLayers<S>::Saved output;
  };
  Saved Forward(const SlotBatch& batch, const DropoutKey* key, const S* values, S* x,
                Workspace* workspace, PassObserver* observer) const;
  void Join(const SlotBatch& batch, S* pooled) const;
  void Drop(Index sequences, const DropoutKey* key, S* pooled) const;

  std::size_t target_;
  std::vector<std::size_t> joined_;   // fields
  std::vector<Index> joined_widths_;  // their elements
  Pooling<S> pooling_;
  double dropout_;
  std::unique_ptr<RowLoss<S>> loss_;
  OutputLayers<S> output_;
};

}  // namespace lockstep
