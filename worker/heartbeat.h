// A pass observer that only tells the supervisor, after each time step, that the rank is alive. A
// long sequence may take longer than the supervisor waits for a sign of life.
#pragma once

#include "base/rank_status.h"
#include "worker/layers/pass_observer.h"

namespace lockstep {

class Heartbeat : public PassObserver {
  void BetweenSteps() override { Status().Beat(); }
};

}  // namespace lockstep
