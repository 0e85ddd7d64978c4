// All that the worker, the trainer, checkpoints, check, job, doctor and verify know of a network. A
// model is chosen in models/model_factory.h; nobody else names one. One virtual call per slot, none
// inside a loop over time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/heads/head.h"
#include "worker/layers/carried_states.h"
#include "worker/layers/dropout_key.h"
#include "worker/layers/pass_observer.h"
#include "worker/losses/step_sums.h"
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
  // What a sample of its batches is made of.
  const Schema& schema() const { return schema_; }

  // Forward and backward of one slot. Adds the gradient of the loss sum to `gradient`
  // [layout().size()]; sums over the slot. `key` draws the dropout masks. `observer` hears of both
  // passes, but nothing of an empty slot. A carried state is a constant: its gradient ends there
  // (truncated BPTT, Williams and Peng 1990). Called by one thread per slot, several at once;
  // allocates nothing; leaves the workspace as it was.
  virtual StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                                   S* gradient, Workspace* workspace,
                                   PassObserver* observer = nullptr,
                                   const CarriedStates<S>& carried = {}) const = 0;
  // The same sums without dropout and gradient.
  virtual StepSums Evaluate(const SlotBatch& batch, const S* values, Workspace* workspace,
                            PassObserver* observer = nullptr,
                            const CarriedStates<S>& carried = {}) const = 0;
  // Scores of a slot that is not empty, without dropout; they stay in the workspace.
  virtual Scores<S> Score(const SlotBatch& batch, const S* values, Workspace* workspace,
                          PassObserver* observer = nullptr,
                          const CarriedStates<S>& carried = {}) const = 0;
  // What Score gives per row, and what its rows are: kStep or kSequence.
  virtual Index score_width() const = 0;
  virtual Alignment score_alignment() const = 0;

  // The parts of the flat gradient in the order in which backward finishes them, as an observer
  // hears of them.
  virtual std::vector<ElementRange> GradientStages() const = 0;
  // Upper bound of what any of the above takes from the workspace.
  virtual Index WorkspaceBytes(const SlotBounds& bounds) const = 0;
  // Floating-point operations of forward and backward of sequences with so many steps in all;
  // products only.
  virtual double Flops(Index sequences, Index steps) const = 0;
  // Loss per target before anything is learned.
  virtual double UntrainedLoss() const = 0;
  // Names of StepSums::counts; the first is the one shown. None: there is only the loss.
  virtual std::span<const char* const> counts() const = 0;
  // Whether targets must fit into the steps of their sequence (data/batch/label_fit.h).
  virtual bool labels_must_fit() const = 0;
  // What it carries from one part of a sequence to the next.
  virtual StateShape carried() const { return {}; }

 protected:
  ParameterLayout layout_;
  Schema schema_;
};

// A slot of one sequence of `steps` steps with all ids and values 0: for warming up, known answers
// and tests.
SlotBatch SmallestSlot(const Schema& schema, Index steps);

}  // namespace lockstep
