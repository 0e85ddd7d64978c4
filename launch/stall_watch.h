// Decides whether a rank stalls, from what it tells (base/rank_status.h) and from what the system
// says of its process. No clock and no process here: the supervisor feeds samples and the time
// between them.
//
// With L = max(stall_seconds, 10 median steps), ten times that in the first three steps, a rank is
// at fault when
//   its process is stopped (SIGSTOP) for stall_seconds, in any phase;
//   its main thread gives no beat for L in a step, ten times as long in phases that use storage or
//     set up, plus the time of a checkpoint at kSlowestStorage;
//   it waits for others in a loop of ours whose turns end for L: it hangs inside a call of MPI;
//   one checkpoint takes the writer longer than the main thread may in the phase "save".
// A rank that waits for others is not at fault, but ends after fifteen times L, or 300 s while MPI
// starts, so that nothing hangs for ever; longer than the longest that another rank may take.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/rank_status.h"

namespace lockstep {

struct RankSample {
  RankPhase phase = RankPhase::kStart;
  Waiting waiting = Waiting::kNo;
  Index finished_step = 0;
  std::uint64_t beats = 0;
  std::uint64_t polls = 0;
  bool writes = false;
  std::uint64_t written = 0;
  Index checkpoint_bytes = 0;
  char state = 'R';  // of the process, as in /proc: T stopped, t held by a debugger
};
RankSample SampleOf(const RankStatus& status, char state);

enum class StallKind { kStopped, kNoProgress, kInsideMpi, kWriter, kOthers };

struct Stall {
  StallKind kind;
  double seconds;  // that it has lasted
};

class StallWatch {
 public:
  explicit StallWatch(double stall_seconds) : stall_seconds_(stall_seconds) {}

  // `seconds`: of watching since the last sample.
  std::optional<Stall> Observe(const RankSample& sample, double seconds);
  // Whether the last sample showed no progress, so that it is worth asking for the state.
  bool quiet() const { return since_beat_ > 0; }
  // L, as of the steps so far.
  double StepLimit() const;

 private:
  void Measure(const RankSample& sample, double seconds);
  void ObserveSteps(const RankSample& sample, double seconds);
  double SlowLimit(const RankSample& sample) const;
  double WaitLimit(RankPhase phase) const;
  std::optional<Stall> Judge(const RankSample& sample) const;

  double stall_seconds_;
  RankSample last_;
  bool first_ = true;
  double since_beat_ = 0, since_poll_ = 0, stopped_ = 0, writing_ = 0, since_step_ = 0;
  Index steps_ = 0;  // finished while watched
  std::array<double, 15> durations_{};
  std::size_t measured_ = 0;
};

}  // namespace lockstep
