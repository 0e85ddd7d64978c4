// A clock of fair seconds: those that would pass if this process had the machine for itself. If
// five processes want each core, five seconds count as one. So time limits mean the same on a
// machine that is loaded by others.
#pragma once

namespace lockstep {

// The number of processes of the whole machine that want each of its cores now, without the caller;
// at least 1. It is 1 if the system does not tell (Linux: /proc/loadavg). Does not see the limits
// of control groups or of bindings to cores.
double ProcessesPerCore();

class FairClock {
 public:
  // A higher load than this is not believed, so that time limits remain limits.
  static constexpr double kMostCrowded = 6;

  // `now` in seconds of any clock.
  explicit FairClock(double now) : last_(now) {}

  // Says that each core was wanted by this many processes since the last call. Should be called
  // often.
  void Advance(double now, double processes_per_core);
  // Fair seconds since the beginning.
  double seconds() const { return seconds_; }

 private:
  double last_;
  double seconds_ = 0;
};

}  // namespace lockstep
