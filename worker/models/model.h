// The interface of a network: everything that the worker, the trainer, the checkpoints and the
// verbs of the program know of it. Only models/model_factory.h names a concrete model. There is one
// virtual call per slot, none inside a loop over time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/heads/head.h"
#include "worker/layers/carried_states.h"
#include "worker/layers/dropout_key.h"
#include "worker/layers/pass_observer.h"
#include "worker/losses/step_sums.h"
#include "worker/losses/task_metric.h"
#include "worker/models/divided_evaluation.h"
#include "worker/models/row_table.h"
#include "worker/models/score_stream.h"
#include "worker/models/slot_scorer.h"
#include "worker/models/token_stepper.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

template <typename S>
class Model {
 public:
  Model() = default;
  virtual ~Model() = default;
  Model(const Model&) = delete;  // layers point at the layout
  Model& operator=(const Model&) = delete;

  const ParameterLayout& layout() const { return layout_; }
  // The fields of the samples in its batches.
  const Schema& schema() const { return schema_; }

  // Runs forward and backward of one slot. Adds the gradient of the summed loss to `gradient`
  // [layout().size()] and returns the sums over the slot. `key` determines the dropout masks.
  // `observer` is called during both passes, but not at all for an empty slot. A carried initial
  // state is treated as a constant: no gradient flows back into the part before (truncated
  // backpropagation through time, Williams and Peng 1990). Several threads may call this at once,
  // each for another slot. Allocates nothing; returns to the workspace what it takes.
  virtual StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                                   S* gradient, Workspace* workspace,
                                   PassObserver* observer = nullptr,
                                   const CarriedStates<S>& carried = {}) const = 0;
  // The same sums, but without dropout and without gradient, and with what metrics() need (see
  // Head::Evaluate).
  virtual StepSums Evaluate(const SlotBatch& batch, const S* values, Workspace* workspace,
                            PassObserver* observer = nullptr,
                            const CarriedStates<S>& carried = {}) const = 0;
  // Evaluate in two steps. Null if the model cannot be divided, as where a row of targets depends
  // on the rows before it.
  virtual const DividedEvaluation<S>* divided() const { return nullptr; }
  // Computes the scores of a slot, which must not be empty, without dropout. They stay in the
  // workspace.
  virtual Scores<S> Score(const SlotBatch& batch, const S* values, Workspace* workspace,
                          PassObserver* observer = nullptr,
                          const CarriedStates<S>& carried = {}) const = 0;
  // The scores of a sequence that comes in parts of at most `most_steps` steps. Null if the model
  // needs the whole sequence: it has layers of two directions, or scores that are no function of
  // one step. The model and `values` must outlive the stream.
  virtual std::unique_ptr<ScoreStream<S>> OpenStream(const S* /*values*/,
                                                     Index /*most_steps*/) const {
    return nullptr;
  }
  // Writes targets one id at a time: for sources within `source_bounds`, and for at most
  // `most_rows` hypotheses at a step. Null if the model does not write. The model and `values` must
  // outlive the stepper.
  virtual std::unique_ptr<TokenStepper<S>> OpenTokenStepper(const S* /*values*/,
                                                            const SlotBounds& /*source_bounds*/,
                                                            Index /*most_rows*/) const {
    return nullptr;
  }
  // The columns of the rows that Score returns, and what a row stands for: kStep, kSequence or
  // kOwnSteps.
  virtual Index score_width() const = 0;
  virtual Alignment score_alignment() const = 0;

  // The ranges of the flat gradient in the order in which backward finishes them. The observer's
  // GradientDone is called with exactly these ranges, in this order.
  virtual std::vector<ElementRange> GradientStages() const = 0;
  // The parameter of whose rows the gradient of a slot touches few, and all others not at all.
  virtual RowTable row_table() const { return {}; }
  // Upper bound of the bytes that ForwardBackward or Evaluate takes from the workspace.
  virtual Index WorkspaceBytes(const SlotBounds& bounds) const = 0;
  // Upper bound of the bytes that Score takes: with many classes more than WorkspaceBytes, because
  // the scores of all steps are in memory together.
  virtual Index ScoreBytes(const SlotBounds& bounds) const = 0;
  // Floating-point operations of forward and backward for `sequences` sequences with `steps` steps
  // in all, and `target_steps` steps of targets that have steps of their own; matrix products only.
  virtual double Flops(Index sequences, Index steps, Index target_steps) const = 0;
  // The loss per target to expect of an untrained model.
  virtual double UntrainedLoss() const = 0;
  // The names of the entries of StepSums::counts. The first one is shown to the user, divided by
  // the number of targets. Empty if there is only the loss.
  virtual std::span<const char* const> counts() const = 0;
  // The figures of merit of its targets beside loss and accuracy, the most important one first.
  virtual std::vector<TaskMetric> metrics() const { return {}; }
  // True if a sequence must have enough steps for its labels (data/batch/label_fit.h).
  virtual bool labels_must_fit() const = 0;
  // The shape of the states that it carries from one part of a sequence to the next.
  virtual StateShape carried() const { return {}; }
  // Score for many slots with the same values, of which it holds packed copies. Null if the model
  // packs nothing ahead. The model and `values` must outlive it.
  virtual std::unique_ptr<SlotScorer<S>> OpenScorer(const S* /*values*/) const { return nullptr; }

 protected:
  ParameterLayout layout_;
  Schema schema_;
};

// A slot with one sequence of `steps` steps whose ids and values are all 0. For warming up, for
// known answers and for tests.
SlotBatch SmallestSlot(const Schema& schema, Index steps);

}  // namespace lockstep
