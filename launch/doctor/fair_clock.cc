#include "launch/doctor/fair_clock.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace lockstep {

double ProcessesPerCore() {
  double load = 0;
  int running = 1;
  std::ifstream file("/proc/loadavg");  // 0.20 0.18 0.12 1/80 11206
  file >> load >> load >> load >> running;
  if (!file) running = 1;
  const auto cores = static_cast<double>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  return std::max(1.0, (running - 1) / cores);
}

void FairClock::Advance(double now, double processes_per_core) {
  seconds_ += (now - last_) / std::clamp(processes_per_core, 1.0, kMostCrowded);
  last_ = now;
}

}  // namespace lockstep
