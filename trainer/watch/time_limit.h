// Decides when a run with a time limit must begin to end, so that its state is saved and the
// process is gone before it would be killed. It does not read a clock: all times are passed in, as
// Seconds() of base/phase_timer.h.
//
// The run begins to end at limit - margin, where
//   margin = base + 2 saves + 10 median steps
// Two saves, because one may be under way when the last one begins. A save is assumed to take as
// long as the longest one so far; before the first, as long as a slow disk would take.
#pragma once

#include <array>

#include "base/types.h"

namespace lockstep {

struct TimeLimitOptions {
  double started_at = 0;  // when the program was started
  double seconds = 0;     // how long it may run from then on; 0: without limit
  // The base of the margin. At most a tenth of `seconds` is used, so that a short limit leaves time
  // for training.
  double margin_seconds = 60;
};

class TimeLimit {
 public:
  // `state_bytes` is the size of a checkpoint.
  TimeLimit(const TimeLimitOptions& options, Index state_bytes);

  bool exists() const { return options_.seconds > 0; }
  // Says that a step ended at `now`; its time is measured from the previous call.
  void EndStep(double now);
  // Says that a save took `seconds`.
  void AddSave(double seconds);

  double margin() const;
  // True if the run must begin to end at `now`. Always false without a limit.
  bool IsNear(double now) const { return exists() && now >= limit() - margin(); }
  double limit() const { return options_.started_at + options_.seconds; }

 private:
  double MedianStep() const;

  static constexpr Index kSteps = 63;  // number of recent steps that the median is taken of
  TimeLimitOptions options_;
  double save_seconds_;
  bool has_saved_ = false;
  std::array<double, kSteps> steps_{};
  Index steps_seen_ = 0;
  double step_ended_at_ = 0;
};

}  // namespace lockstep
