// A head is the last part of a model: it turns the features of an encoder into the loss during
// training, and into scores afterwards. Each head fits certain kinds of targets; the table is in
// heads.cc.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/kernels/gemm.h"
#include "worker/layers/dropout_key.h"
#include "worker/layers/pass_observer.h"
#include "worker/losses/step_sums.h"
#include "worker/losses/task_metric.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

// The outputs of a head for prediction: one row per step of the slot's layout, one row per
// sequence, or, where targets have steps of their own, one row per row of their layout: what the
// model expects of each step when it has read the targets before it.
template <typename S>
struct Scores {
  S* values = nullptr;  // [rows, width], in the workspace
  Index rows = 0;
  Index width = 0;
  Alignment alignment = Alignment::kStep;  // kStep, kSequence or kOwnSteps
  // [rows], in the workspace: the classes that a head chose for all steps of a sequence together.
  // Null: the class of a row is that of its largest score.
  const std::int32_t* labels = nullptr;
  // [rows], in the workspace: for the first row of each span of the labels the probability that the
  // sequence has this span, 0 for all other rows. Null: the head knows no such probability.
  const S* span_probabilities = nullptr;
};

template <typename S>
class Head {
 public:
  virtual ~Head() = default;
  // The elements of the flat array that hold the head's parameters. They come after those of the
  // encoder, so backward finishes their gradient first.
  virtual ElementRange Elements() const = 0;
  // x [rows, D] are the features of the steps. Sets d_x [rows, D] to their gradient, adds to the
  // flat gradient, and tells `observer` (which may be null) as soon as the gradient of the head's
  // own parameters is complete. Returns the sums over the slot. Returns to the workspace what it
  // takes.
  virtual StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                                   S* x, S* d_x, S* gradient, Workspace* workspace,
                                   PassObserver* observer) const = 0;
  // The same sums, but without dropout and without gradient, and with what metrics() need: its
  // counts, its squared errors, and its classes in the tally of the observer, if there is one.
  virtual StepSums Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                            PassObserver* observer) const = 0;
  // Computes scores without dropout. The result stays in the workspace.
  virtual Scores<S> Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                          PassObserver* observer) const = 0;
  // The columns of the rows that Score returns, and what a row stands for: kStep or kSequence.
  virtual Index score_width() const = 0;
  virtual Alignment score_alignment() const = 0;

  // Upper bound of the bytes that ForwardBackward or Evaluate takes from the workspace.
  virtual Index WorkspaceBytes(const SlotBounds& bounds) const = 0;
  // Upper bound of the bytes that Score takes: more than WorkspaceBytes where the other functions
  // do without the scores of all rows.
  virtual Index ScoreBytes(const SlotBounds& bounds) const { return WorkspaceBytes(bounds); }
  // Floating-point operations of forward and backward, matrix products only: for each step, and in
  // addition for each sequence.
  virtual double FlopsPerStep() const = 0;
  virtual double FlopsPerSequence() const = 0;
  // The loss per target to expect of an untrained model.
  virtual double UntrainedLoss() const = 0;
  // The names of the entries of StepSums::counts. The first one is shown to the user, divided by
  // the number of targets.
  virtual std::span<const char* const> counts() const = 0;
  // The figures of merit of its targets beside loss and accuracy, the most important one first.
  virtual std::vector<TaskMetric> metrics() const { return {}; }
  // True if a sequence must have enough steps for its labels (data/batch/label_fit.h).
  virtual bool labels_must_fit() const { return false; }
  // True if long sequences may be computed in parts, because each step has its own target.
  virtual bool takes_parts() const { return false; }
  // True if the scores of a step depend on the features of that step alone, so that they can be
  // computed as soon as these are known.
  virtual bool scores_each_step() const { return false; }
  // Only if scores_each_step(), for many calls with few rows each, as those of a stream: the weight
  // of the outputs, packed once, which takes at most OutputBytes() of the workspace; and the scores
  // of rows x [rows, D] of any steps with it, as Score gives them and to the same bits.
  virtual Index OutputBytes() const { return 0; }
  virtual PackedMatrix<S> PackOutput(const S* /*values*/, Workspace* /*workspace*/) const {
    return {};
  }
  virtual Scores<S> ScoreRows(Index /*rows*/, const PackedMatrix<S>& /*output*/,
                              const S* /*values*/, S* /*x*/, Workspace* /*workspace*/) const {
    return {};
  }
};

}  // namespace lockstep
