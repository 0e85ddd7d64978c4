// Losses of rows: each row of outputs has a target of its own, a class or real values, or none. A
// head chooses the rows, one per step or one per sequence; the loss is the same for both.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "data/batch/batch.h"
#include "worker/losses/step_sums.h"

namespace lockstep {

enum class RowLossKind { kSoftmax, kSquared, kAbsolute };

template <typename S>
class RowLoss {
 public:
  virtual ~RowLoss() = default;
  // Columns of the outputs.
  virtual Index width() const = 0;
  // outputs [rows, width], which become the gradient of the summed loss: zero where a target is
  // missing.
  virtual StepSums Gradient(const FieldBatch& targets, Index rows, S* outputs) const = 0;
  // The same sums; outputs are kept.
  virtual StepSums Loss(const FieldBatch& targets, Index rows, const S* outputs) const = 0;
  // Loss per target of a model that knows nothing yet.
  virtual double UntrainedLoss() const = 0;
  // Names of StepSums::counts; the first is the one shown, divided by the targets.
  virtual std::span<const char* const> counts() const = 0;
};

// Softmax and cross-entropy (cross_entropy.h). A target of class c counts weights[c] times in the
// loss; no weights: once. It counts once in `targets`, so with weights whose mean over the training
// targets is 1 the loss stays a mean. Counts "correct": rows whose largest output is the target's.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeSoftmaxLoss(Index classes, const std::vector<double>& weights);
// sum over the elements of a row of (x - y)^2; each element that is not missing (NaN) is a target.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeSquaredLoss(Index width);
// The same of |x - y|; where x equals y, the gradient is 0.
template <typename S>
std::unique_ptr<RowLoss<S>> MakeAbsoluteLoss(Index width);

}  // namespace lockstep
