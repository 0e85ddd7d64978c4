// Losses of rows: each row of outputs is compared with its own target, which is a class, real
// values, or missing. A head decides what a row is, a step or a sequence; the loss is the same.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "data/batch/batch.h"
#include "worker/losses/step_sums.h"
#include "worker/losses/task_metric.h"

namespace lockstep {

enum class RowLossKind { kSoftmax, kSquared, kAbsolute };

// The rows [first, first + count) of the targets of a slot.
struct RowBlock {
  Index first = 0;
  Index count = 0;
};

template <typename S>
class RowLoss {
 public:
  virtual ~RowLoss() = default;
  // Columns of the outputs.
  virtual Index width() const = 0;
  // outputs [rows.count, width] are those of a block of rows. They are replaced by the gradient of
  // the summed loss, which is zero where a target is missing. Adds to `sums` row by row: blocks in
  // ascending order give the sums of all rows at once, bit by bit.
  virtual void SetGradient(const FieldBatch& targets, const RowBlock& rows, S* outputs,
                           StepSums* sums) const = 0;
  // Adds the same sums, but without smoothing; the outputs are not changed. Class targets that are
  // not missing, and the classes found for them, are counted in `tally`, which may be null.
  virtual void AddLoss(const FieldBatch& targets, const RowBlock& rows, const S* outputs,
                       StepSums* sums, ClassTally* tally) const = 0;
  // The sums of all rows of the targets.
  StepSums Gradient(const FieldBatch& targets, Index rows, S* outputs) const {
    StepSums sums;
    SetGradient(targets, {0, rows}, outputs, &sums);
    return sums;
  }
  StepSums Loss(const FieldBatch& targets, Index rows, const S* outputs, ClassTally* tally) const {
    StepSums sums;
    AddLoss(targets, {0, rows}, outputs, &sums, tally);
    return sums;
  }
  // The loss per target to expect of an untrained model, in the unit of the loss.
  virtual double UntrainedLoss() const = 0;
  // The names of the entries of StepSums::counts. The first one is shown to the user, divided by
  // the number of targets.
  virtual std::span<const char* const> counts() const = 0;
  // As Head::metrics.
  virtual std::vector<TaskMetric> metrics() const = 0;
};

// Softmax and cross-entropy (cross_entropy.h). The loss of a target of class c is multiplied by
// weights[c]; empty weights are all 1. Each target counts once in `targets` whatever its weight, so
// the loss per target is a weighted mean if the weights have mean 1 over the training targets.
// counts[0], "correct", is the number of rows whose largest output is that of the target. Gradient
// smooths the targets by `smoothing` in [0, 1); Loss does not.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeSoftmaxLoss(Index classes, const std::vector<double>& weights,
                                            double smoothing = 0);
// The sum over the elements of a row of (output - target)^2. A target value of NaN is missing; each
// other element counts as one target. scales [width] turn differences of each element into the
// user's units, for StepSums::squared_errors; empty: all 1. The loss does not use them.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeSquaredLoss(Index width, const std::vector<double>& scales = {});
// The same with |output - target|; where the two are equal, the gradient is 0.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeAbsoluteLoss(Index width, const std::vector<double>& scales = {});

}  // namespace lockstep
