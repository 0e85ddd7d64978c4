// A head for targets of whole sequences (many-to-one; one-to-one if a sequence has one step). The
// features of all steps of a sequence are pooled into one row (layers/pooling.h), to which the real
// inputs of the whole sequence are joined. Dense layers and a linear layer turn it into one row of
// outputs, which is compared with the class or the real values of the sequence.
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
  // `target` is the index of the target field in `schema`, `joined` are the indices of the inputs
  // of whole sequences. dense.input_size is ignored; it follows from the pooling and `joined`.
  // `dropout` in [0, 1) is the probability of dropout on the pooled row. Declares its parameters at
  // the end of the layout.
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
  std::vector<TaskMetric> metrics() const override { return loss_->metrics(); }

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
  std::vector<std::size_t> joined_;   // indices of the joined fields
  std::vector<Index> joined_widths_;  // elements of each of them
  Pooling<S> pooling_;
  double dropout_;
  std::unique_ptr<RowLoss<S>> loss_;
  OutputLayers<S> output_;
};

}  // namespace lockstep
