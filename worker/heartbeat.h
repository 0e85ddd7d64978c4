// An observer that tells the supervisor that a pass goes on, where nothing else is to be done
// meanwhile: a long sequence may take longer than the supervisor's patience.
#pragma once

#include "base/rank_status.h"
#include "worker/layers/pass_observer.h"

namespace lockstep {

class Heartbeat : public PassObserver {
  void BetweenSteps() override { Status().Beat(); }
};

}  // namespace lockstep
