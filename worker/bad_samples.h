// Finds the samples that made the loss or the gradient of a step infinite or not a number, by
// computing a slot once more, one sample at a time.
#pragma once

#include <vector>

#include "worker/carried_state.h"
#include "worker/models/model.h"

namespace lockstep {

class BadSampleSearch {
 public:
  // `workspace` and `gradient` [model.layout().size()] are scratch memory: every call of Find
  // overwrites them, and nobody else may use them during a call.
  BadSampleSearch(const Model<float>& model, const float* values, Workspace* workspace,
                  std::span<float> gradient)
      : model_(model), values_(values), workspace_(workspace), gradient_(gradient) {}

  // Returns the ids of at most `most` samples of `slot` whose loss or gradient is not finite when
  // the sample is computed alone. Alone, a sample gets other dropout masks than in the slot. If
  // every sample is finite alone but the whole slot is not (their sum overflows), the first `most`
  // samples of the slot are returned; if the whole slot is finite, none. `key` and `carried` must
  // be those that the slot was computed with. Allocates.
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
