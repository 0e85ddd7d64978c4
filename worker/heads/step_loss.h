// Losses of heads that give one row of outputs per step: against a target for each step, or against
// a list of labels that has no times.
#pragma once

#include <memory>
#include <span>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/losses/row_loss.h"

namespace lockstep {

template <typename S>
class StepLoss {
 public:
  virtual ~StepLoss() = default;
  // Columns of the outputs.
  virtual Index width() const = 0;
  // outputs [rows, width], which become the gradient of the summed loss. Leaves the workspace as it
  // was.
  virtual StepSums Gradient(const SlotBatch& batch, S* outputs, Workspace* workspace) const = 0;
  // The same sums; outputs are kept.
  virtual StepSums Loss(const SlotBatch& batch, const S* outputs, Workspace* workspace) const = 0;
  // Upper bound of what either takes from the workspace.
  virtual Index WorkspaceBytes(const SlotBounds& bounds) const = 0;
  // As those of Head.
  virtual double UntrainedLoss() const = 0;
  virtual std::span<const char* const> counts() const = 0;
  virtual bool labels_must_fit() const = 0;
  virtual bool takes_parts() const = 0;
};

// A target for each step. `target` is the index of the target field.
template <typename S>
std::unique_ptr<StepLoss<S>> MakeRowStepLoss(std::size_t target, std::unique_ptr<RowLoss<S>> loss);

// Connectionist temporal classification (losses/ctc_loss.h) of a list of labels; class 0 of
// `classes` is the blank. The untrained loss is that of a uniform guess of each step; what a label
// costs at first depends on the lengths, too. Counts "correct": labels less the label errors of the
// greedy reading.
template <typename S>
std::unique_ptr<StepLoss<S>> MakeCtcStepLoss(std::size_t target, Index classes);

}  // namespace lockstep
