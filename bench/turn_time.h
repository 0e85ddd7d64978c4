// The time of a turn, on the clock and of the processor.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "bench/stopwatch.h"

namespace lockstep {

class TurnTime {
 public:
  // "CLOCK PROCESSOR", seconds since construction.
  std::string Text() const {
    const std::chrono::duration<double> clock = std::chrono::steady_clock::now() - start_;
    return fmt::format("{} {}", clock.count(), processor_.Seconds());
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Stopwatch processor_;
};

}  // namespace lockstep
