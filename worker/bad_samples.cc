#include "worker/bad_samples.h"

#include <algorithm>
#include <cmath>

#include "worker/heartbeat.h"

namespace lockstep {

bool BadSampleSearch::IsFinite(const SlotBatch& batch, const DropoutKey& key,
                               const CarriedStates<float>& carried) {
  std::fill(gradient_.begin(), gradient_.end(), 0.0f);
  Heartbeat heartbeat;
  const StepSums sums = model_.ForwardBackward(batch, key, values_, gradient_.data(), workspace_,
                                               &heartbeat, carried);
  return std::isfinite(sums.loss) && std::all_of(gradient_.begin(), gradient_.end(),
                                                 [](float value) { return std::isfinite(value); });
}

std::vector<std::uint64_t> BadSampleSearch::Find(const SlotBatch& slot, const DropoutKey& key,
                                                 const CarriedStates<float>& carried,
                                                 std::size_t most) {
  if (IsFinite(slot, key, carried)) return {};
  std::vector<std::uint64_t> found;
  for (Index b = 0; b < slot.layout.sequences() && found.size() < most; ++b) {
    const SlotBatch one = SequenceOf(model_.schema(), slot, b);
    CarriedStates<float> of_one = carried;
    if (of_one.initial != nullptr) of_one.initial += b * model_.carried().width;
    if (!IsFinite(one, key, of_one)) found.push_back(one.sample_ids[0]);
  }
  if (!found.empty()) return found;
  found.assign(slot.sample_ids.begin(), slot.sample_ids.end());
  found.resize(std::min(found.size(), most));
  return found;
}

}  // namespace lockstep
