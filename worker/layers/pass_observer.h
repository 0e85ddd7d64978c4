// What somebody may want to know, and to do, while a model computes: communication overlaps
// computation through these calls. Each comes from the thread that computes.
#pragma once

#include "base/types.h"

namespace lockstep {

class PassObserver {
 public:
  virtual ~PassObserver() = default;
  // Before forward reads parameters below `end` of the flat array; returns when they are there.
  virtual void NeedValues(Index /*end*/) {}
  // Between time steps: often, so it must cost next to nothing.
  virtual void BetweenSteps() {}
  // Backward has finished the elements [begin, end) of the flat gradient.
  virtual void GradientDone(Index /*begin*/, Index /*end*/) {}
};

}  // namespace lockstep
