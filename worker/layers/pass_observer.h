// What somebody may want to know, and to do, while a model computes: communication overlaps
// computation through these calls. Each comes from the thread that computes.
#pragma once

#include "base/types.h"

namespace lockstep {

// What the time of a step goes to.
enum class Phase {
  kOther,             // whatever has no name here
  kInput,             // embeddings or features
  kPacking,           // weights into panels
  kInputProduct,      // x W_ih^T of all steps
  kRecurrentProduct,  // h W_hh^T of each step, and its mirror image
  kGates,             // elementwise kernels of each step
  kWeightGradient,
  kInputGradient,
  kBiasGradient,
  kHead,  // products of the linear head
  kLoss,
  kDropout,       // and residual sums
  kGradientSums,  // clearing gradients, adding those of slots, norm; waiting for ranks
  kUpdate,
  kMemoryCheck,  // digests of parameters, checksums of what is updated
  kCount
};

class PassObserver {
 public:
  virtual ~PassObserver() = default;
  // Before forward reads parameters below `end` of the flat array; returns when they are there.
  virtual void NeedValues(Index /*end*/) {}
  // Between time steps: often, so it must cost next to nothing.
  virtual void BetweenSteps() {}
  // What follows belongs to `phase`, until the next call.
  virtual void Enter(Phase /*phase*/) {}
  // Backward has finished the elements [begin, end) of the flat gradient.
  virtual void GradientDone(Index /*begin*/, Index /*end*/) {}
};

// The calls where nobody may be listening: `observer` may be null.
inline void Enter(Phase phase, PassObserver* observer) {
  if (observer != nullptr) observer->Enter(phase);
}
inline void Need(const ElementRange& elements, PassObserver* observer) {
  if (observer != nullptr) observer->NeedValues(elements.end);
}
inline void Done(const ElementRange& elements, PassObserver* observer) {
  if (observer != nullptr) observer->GradientDone(elements.begin, elements.end);
}

}  // namespace lockstep
