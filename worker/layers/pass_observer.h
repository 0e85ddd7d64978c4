// The calls by which a model reports its progress while it computes. Through them, communication
// overlaps computation. They come from the thread that computes.
#pragma once

#include "base/types.h"

namespace lockstep {

class ClassTally;     // worker/metrics/class_tally.h
class GradientTrace;  // worker/layers/gradient_trace.h

// The kinds of work between which the time of a step is divided (phase_profile.h).
enum class Phase {
  kOther,             // all work without a name here
  kInput,             // embeddings or features
  kPacking,           // copying weights into the form that products need
  kInputProduct,      // x W_ih^T of all steps
  kRecurrentProduct,  // h W_hh^T of each step, and the corresponding product of backward
  kGates,             // elementwise kernels of each step
  kWeightGradient,
  kInputGradient,
  kBiasGradient,
  kAttention,  // of a decoder, and the vectors that it makes of context and state
  kHead,       // products of the linear head
  kLoss,
  kDropout,       // dropout and residual sums
  kGradientSums,  // clearing gradients, adding those of slots, norm; waiting for ranks
  kUpdate,
  kMemoryCheck,  // digests of parameters, checksums of what is updated
  kCount
};

class PassObserver {
 public:
  virtual ~PassObserver() = default;
  // Called before forward reads parameters; must return only when all elements below `end` of the
  // flat array may be read.
  virtual void NeedValues(Index /*end*/) {}
  // Called between time steps. This is often, so it must cost next to nothing.
  virtual void BetweenSteps() {}
  // Called when work of another kind begins.
  virtual void Enter(Phase /*phase*/) {}
  // Called when backward has finished the elements [begin, end) of the flat gradient.
  virtual void GradientDone(Index /*begin*/, Index /*end*/) {}
  // Where Evaluate counts the classes of the targets and those that the model found for them, if
  // its head has classes (Head::metric). Null: it counts none.
  virtual ClassTally* tally() { return nullptr; }
  // Where backward keeps the size of the gradient at the states of recurrent layers. Null: nowhere.
  virtual GradientTrace* trace() { return nullptr; }
};

// The same calls for an observer that may be null.
inline void Enter(Phase phase, PassObserver* observer) {
  if (observer != nullptr) observer->Enter(phase);
}
inline void Need(const ElementRange& elements, PassObserver* observer) {
  if (observer != nullptr) observer->NeedValues(elements.end);
}
inline void Done(const ElementRange& elements, PassObserver* observer) {
  if (observer != nullptr) observer->GradientDone(elements.begin, elements.end);
}
inline ClassTally* TallyOf(PassObserver* observer) {
  return observer == nullptr ? nullptr : observer->tally();
}
inline GradientTrace* TraceOf(PassObserver* observer) {
  return observer == nullptr ? nullptr : observer->trace();
}

}  // namespace lockstep
