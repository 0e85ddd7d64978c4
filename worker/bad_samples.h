// The search for the samples that made a step's loss or gradient infinite or not a number.
#pragma once

#include <vector>

#include "worker/carried_state.h"
#include "worker/models/model.h"

namespace lockstep {

class BadSampleSearch {
 public:
  // Computes with `workspace` and `gradient` [model.layout().size()], which nobody else may use
  // meanwhile.
  BadSampleSearch(const Model<float>& model, const float* values, Workspace* workspace,
                  std::span<float> gradient)
      : model_(model), values_(values), workspace_(workspace), gradient_(gradient) {}

  // At most `most` samples of a slot whose loss or gradient is not finite when each is computed
  // once more, alone (so with other dropout masks); all samples of the slot where only the sum over
  // them is not. None where the slot is finite. `key` and `carried` are those the slot was computed
  // with. Allocates.
  std::vector<std::uint64_t> Find(const SlotBatch& slot, const DropoutKey& key,
                                  const CarriedStates<float>& carried, std::size_t most);

 private:
  bool IsFinite(const SlotBatch& batch, const DropoutKey& key, const CarriedStates<float>& carried);

  const Model<float>& model_;
  const float* values_;
  Workspace* workspace_;
  std::span<float> gradient_;
};

}  // namespace lockstep
