// Measures where the main thread spends its time: seconds per Phase. The clock is read at each
// change of phase, which is a few times per time step of a sequence.
#pragma once

#include <array>
#include <string_view>

#include "base/phase_timer.h"
#include "worker/layers/pass_observer.h"

namespace lockstep {

class PhaseProfile {
 public:
  static constexpr std::size_t kPhases = static_cast<std::size_t>(Phase::kCount);

  // The time from now until the next call is counted for `phase`.
  void Enter(Phase phase) {
    const double now = Seconds();
    seconds_[static_cast<std::size_t>(current_)] += now - since_;
    since_ = now;
    current_ = phase;
  }
  double seconds(Phase phase) const { return seconds_[static_cast<std::size_t>(phase)]; }
  // Continues in the current phase, but counts the time since the last call for no phase.
  void Resume() { since_ = Seconds(); }
  // Sets all times to zero and starts again in kOther.
  void Restart() { *this = PhaseProfile(); }

  static std::string_view Name(Phase phase) {
    constexpr std::array<std::string_view, kPhases> kNames = {"other",
                                                              "input",
                                                              "packing",
                                                              "input product",
                                                              "recurrent product",
                                                              "gates",
                                                              "weight gradient",
                                                              "input gradient",
                                                              "bias gradient",
                                                              "attention",
                                                              "head",
                                                              "loss",
                                                              "dropout",
                                                              "gradient sums",
                                                              "update",
                                                              "memory checks"};
    return kNames[static_cast<std::size_t>(phase)];
  }

 private:
  std::array<double, kPhases> seconds_{};
  Phase current_ = Phase::kOther;
  double since_ = Seconds();
};

}  // namespace lockstep
