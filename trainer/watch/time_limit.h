// When a run that may not last for ever has to begin to end, so that its state is saved and it has
// left before it is killed. No clock in it: all times are Seconds() of base/phase_timer.h.
//
//   limit - margin <= begins to end; left <= limit
//   margin = base + 2 saves + 10 median steps
//
// Two saves, as one may be on its way when the last one is due. A save takes as long as the longest
// so far; before the first, what a slow disk would take.
#pragma once

#include <array>

#include "base/types.h"

namespace lockstep {

struct TimeLimitOptions {
  double started_at = 0;       // the program
  double seconds = 0;          // that it may last from then on; 0: for ever
  double margin_seconds = 60;  // base; at most a tenth of `seconds`, which would else be too little
};

class TimeLimit {
 public:
  // A save writes `state_bytes`.
  TimeLimit(const TimeLimitOptions& options, Index state_bytes);

  bool exists() const { return options_.seconds > 0; }
  // A step ended at `now`; the first call begins the count.
  void EndStep(double now);
  // A save took so long.
  void AddSave(double seconds);

  double margin() const;
  // Time to end, at `now`. Never without a limit.
  bool IsNear(double now) const { return exists() && now >= limit() - margin(); }
  double limit() const { return options_.started_at + options_.seconds; }

 private:
  double MedianStep() const;

  static constexpr Index kSteps = 63;  // recent ones
  TimeLimitOptions options_;
  double save_seconds_;
  bool has_saved_ = false;
  std::array<double, kSteps> steps_{};
  Index steps_seen_ = 0;
  double step_ended_at_ = 0;
};

}  // namespace lockstep
