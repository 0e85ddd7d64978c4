// Losses for one row of outputs per step, which compare the rows either with a target for each
// step, or with a list of labels without times.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

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
  // True if each row is compared by itself. Then the rows of a slot may come in several blocks, in
  // ascending order; otherwise they come in a single one.
  virtual bool takes_blocks() const = 0;
  // Replaces outputs [rows.count, width] by the gradient of the summed loss and adds to `sums`.
  // Returns to the workspace what it takes.
  virtual void SetGradient(const SlotBatch& batch, const RowBlock& rows, S* outputs,
                           Workspace* workspace, StepSums* sums) const = 0;
  // Adds the same sums without the gradient; the outputs are not changed. Also what metrics() need
  // (see Head::Evaluate); `tally` may be null.
  virtual void AddLoss(const SlotBatch& batch, const RowBlock& rows, const S* outputs,
                       Workspace* workspace, StepSums* sums, ClassTally* tally) const = 0;
  // True if the classes of the steps of a sequence are chosen together, so that they need not be
  // those of the largest outputs.
  virtual bool chooses_labels() const { return false; }
  // Sets labels [rows] to these classes. Only if chooses_labels().
  virtual void ChooseLabels(const PackedLayout& /*layout*/, const S* /*outputs*/,
                            std::int32_t* /*labels*/, Workspace* /*workspace*/) const {}
  // Upper bound of the bytes that any of these functions takes from the workspace.
  virtual Index WorkspaceBytes(const SlotBounds& bounds) const = 0;
  // These have the meaning that they have in Head (head.h).
  virtual double UntrainedLoss() const = 0;
  virtual std::span<const char* const> counts() const = 0;
  virtual std::vector<TaskMetric> metrics() const { return {}; }
  virtual bool labels_must_fit() const = 0;
  virtual bool takes_parts() const = 0;
};

// Compares each row with the target of its step. `target` is the index of the target field.
template <typename S>
std::unique_ptr<StepLoss<S>> MakeRowStepLoss(std::size_t target, std::unique_ptr<RowLoss<S>> loss);

// The same for classes that are tags of spans (data/batch/span_tags.h). In training each step
// counts by itself; afterwards, the tags of a sequence are those with the largest product of
// probabilities among the sequences that the order of labels allows (Viterbi 1967). counts[0],
// "correct", and the metric "f1" (task_metric.h) are about these tags. UsageError if `tags` are not
// of spans.
template <typename S>
std::unique_ptr<StepLoss<S>> MakeTagStepLoss(std::size_t target, const Vocabulary& tags,
                                             std::unique_ptr<RowLoss<S>> loss);

// Connectionist temporal classification (losses/ctc_loss.h) of a list of labels; class 0 of
// `classes` is the blank. UntrainedLoss is that of a uniform guess for one step, so only an order
// of magnitude: the loss per label of an untrained model also depends on the lengths. counts[0],
// "correct", is the number of labels minus the label errors of the greedy reading. With the texts
// of labels (word_errors.h), AddLoss counts the word errors of that reading, too: the metric "wer".
template <typename S>
std::unique_ptr<StepLoss<S>> MakeCtcStepLoss(std::size_t target, Index classes,
                                             std::vector<std::string> label_texts);

}  // namespace lockstep
