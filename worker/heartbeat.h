// A pass observer that tells the supervisor, after each time step, that the rank is alive: a long
// sequence may take longer than the supervisor waits for a sign of life. It may hold a tally or a
// trace, too.
#pragma once

#include "base/rank_status.h"
#include "worker/layers/pass_observer.h"

namespace lockstep {

class Heartbeat : public PassObserver {
 public:
  // `tally` counts the classes of what is evaluated; it may be null, and must outlive this. So
  // must `trace`, which keeps the gradient at the states of layers.
  explicit Heartbeat(ClassTally* tally = nullptr) : tally_(tally) {}
  explicit Heartbeat(GradientTrace* trace) : trace_(trace) {}
  void BetweenSteps() override { Status().Beat(); }
  ClassTally* tally() override { return tally_; }
  GradientTrace* trace() override { return trace_; }

 private:
  ClassTally* tally_ = nullptr;
  GradientTrace* trace_ = nullptr;
};

}  // namespace lockstep
