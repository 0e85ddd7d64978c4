// Processor time of this process since construction: user and system, all threads. With one thread
// and an idle core it is the wall-clock time; on a shared machine it leaves out the time that
// others had the core.
#pragma once

#include <time.h>

namespace lockstep {

class Stopwatch {
 public:
  double Seconds() const { return Now() - start_; }

 private:
  static double Now() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }

  double start_ = Now();
};

}  // namespace lockstep
