// The last part of most models: features of an encoder -> loss in training, scores in use. A head
// fits a kind of target; heads.h has the table.
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
#include "worker/params/parameter_layout.h"

namespace lockstep {

// What a head gives where nothing is learned: one row per step of the slot's layout, or one per
// sequence.
template <typename S>
struct Scores {
  S* values = nullptr;  // [rows, width], in the workspace
  Index rows = 0;
  Index width = 0;
  Alignment alignment = Alignment::kStep;  // kStep or kSequence
};

template <typename S>
class Head {
 public:
  virtual ~Head() = default;
  // Its parameters, which are declared after those of the encoder: backward finishes them first.
  virtual ElementRange Elements() const = 0;
  // x [rows, D] are the features of the steps. Sets d_x [rows, D], adds to the flat gradient, tells
  // `observer` (which may be null) when its own part of it is complete. Sums over the slot. Leaves
  // the workspace as it was.
  virtual StepSums ForwardBackward(const SlotBatch& batch, const DropoutKey& key, const S* values,
                                   S* x, S* d_x, S* gradient, Workspace* workspace,
                                   PassObserver* observer) const = 0;
  // The same sums without dropout and gradient.
  virtual StepSums Evaluate(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                            PassObserver* observer) const = 0;
  // Without dropout. The result stays in the workspace.
  virtual Scores<S> Score(const SlotBatch& batch, const S* values, S* x, Workspace* workspace,
                          PassObserver* observer) const = 0;
  // What Score gives per row.
  virtual Index score_width() const = 0;
  virtual Alignment score_alignment() const = 0;

  // Upper bound of what any of the above takes from the workspace.
  virtual Index WorkspaceBytes(const SlotBounds& bounds) const = 0;
  // Floating-point operations of forward and backward, products only.
  virtual double FlopsPerStep() const = 0;
  virtual double FlopsPerSequence() const = 0;
  // Loss per target of a model that knows nothing yet.
  virtual double UntrainedLoss() const = 0;
  // Names of StepSums::counts; the first is the one shown.
  virtual std::span<const char* const> counts() const = 0;
  // Whether targets must fit into the steps of their sequence (data/batch/label_fit.h).
  virtual bool labels_must_fit() const { return false; }
  // Whether a sequence may come in parts: each step has its own target.
  virtual bool takes_parts() const { return false; }
};

}  // namespace lockstep
