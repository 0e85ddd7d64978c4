// Decides whether a rank stalls, from what it tells (base/rank_status.h) and from what the system
// says of its process. No clock and no process here: the supervisor feeds samples and the time
// between them.
//
// Silence, in which a rank gives no beat, is explained where the process reads, writes or touches
// new memory, where a thread waits for storage, and as long as the main thread has no core to run
// on. With L = max(stall_seconds, 10 median steps less the 4 s that it takes to end a job) a rank
// is at fault when
//   its process is stopped (SIGSTOP) for stall_seconds;
//   it is silent for L without an explanation, or for 10 L, plus the time of a checkpoint at
//     kSlowestStorage, whatever explains it;
//   it waits for others in a loop of ours whose turns end for L and kPeerFirstSeconds: it hangs
//     inside a call of MPI;
//   it waits inside a call of MPI in which those who wait sleep, and computes all the time for as
//     long;
//   its writer of checkpoints does nothing at all for L, or takes longer for one than that 10 L.
// A rank that waits for others is not at fault, but ends after fifteen times L, or 300 s while MPI
// starts, so that nothing hangs for ever; longer than the longest that another rank may take.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/rank_status.h"
#include "launch/supervise/process_probe.h"

namespace lockstep {

struct RankSample {
  RankPhase phase = RankPhase::kStart;
  Waiting waiting = Waiting::kNo;
  Index finished_step = 0;
  std::uint64_t beats = 0;
  std::uint64_t polls = 0;
  std::int32_t writer = 0;
  std::uint64_t written = 0;
  Index checkpoint_bytes = 0;
  char state = 'R';               // of the process, as in /proc: T stopped, t held by a debugger
  ProcessActivity activity = {};  // when the watch was quiet
  ThreadActivity writing = {};    // when there is a writer
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
  // How long it has shown none.
  double quiet_seconds() const { return since_beat_; }
  // L, as of the steps so far.
  double StepLimit() const;

 private:
  void Measure(const RankSample& sample, double seconds);
  bool Explained(const RankSample& sample) const;
  double Counted(const RankSample& sample, double seconds) const;
  bool WriterRests(const RankSample& sample) const;
  bool ComputesThrough(const RankSample& sample, double seconds) const;
  void ObserveSteps(const RankSample& sample, double seconds);
  double SlowLimit(const RankSample& sample) const;
  double WaitLimit(RankPhase phase) const;
  std::optional<Stall> Judge(const RankSample& sample) const;

  double stall_seconds_;
  RankSample last_;
  bool first_ = true;
  double since_beat_ = 0, unexplained_ = 0, since_poll_ = 0, computing_ = 0;
  double stopped_ = 0, writing_ = 0, resting_ = 0, since_step_ = 0;
  std::array<double, 15> durations_{};
  std::size_t measured_ = 0;
};

}  // namespace lockstep
