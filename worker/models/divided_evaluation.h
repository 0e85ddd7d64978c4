// The evaluation of a slot in two steps, which different threads and ranks can run: the features of
// its rows, and the sums from them. For models whose loss of a row depends on the features of that
// row alone, such as a language model: its layers go from step to step on one rank, while the
// outputs of all classes are divided between ranks (launch/run/stream_parts.h).
#pragma once

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/layers/carried_states.h"
#include "worker/layers/pass_observer.h"
#include "worker/losses/step_sums.h"

namespace lockstep {

template <typename S>
class DividedEvaluation {
 public:
  virtual ~DividedEvaluation() = default;
  // The features [rows, feature_width()] of a slot that is not empty; they stay in the workspace.
  virtual S* FeaturesOf(const SlotBatch& batch, const S* values, Workspace* workspace,
                        PassObserver* observer = nullptr,
                        const CarriedStates<S>& carried = {}) const = 0;
  // The sums of the slot, with the bits of Model::Evaluate. Reads only its layout and its targets;
  // may destroy the features.
  virtual StepSums EvaluateFeatures(const SlotBatch& batch, const S* values, S* features,
                                    Workspace* workspace,
                                    PassObserver* observer = nullptr) const = 0;
  virtual Index feature_width() const = 0;
};

}  // namespace lockstep
