// Seconds as a process on a machine of its own would count them: where five processes want each
// core, five seconds are one. Limits in them mean the same on a machine that others load.
#pragma once

namespace lockstep {

// How many processes of the whole machine want each of its cores now, the caller left out; at
// least 1, also where the system does not tell (Linux: /proc/loadavg). What a control group's
// quota or a binding takes from a process is not seen.
double ProcessesPerCore();

class FairClock {
 public:
  // A machine is believed to be this crowded at most, so that a limit stays one.
  static constexpr double kMostCrowded = 6;

  // `now` in seconds of any clock.
  explicit FairClock(double now) : last_(now) {}

  // The time since the last call was shared so; calls are to be frequent.
  void Advance(double now, double processes_per_core);
  // Fair seconds since the beginning.
  double seconds() const { return seconds_; }

 private:
  double last_;
  double seconds_ = 0;
};

}  // namespace lockstep
