// Decides whether a rank has stalled, from its status (base/rank_status.h) and from what the system
// knows about its process. It reads neither a clock nor a process itself: the supervisor passes
// samples and the time between them.
//
// A rank is silent while it gives no beat. Its silence is explained while the process reads, writes
// or touches new memory, while a thread waits for storage, and while the main thread has no core to
// run on. Let L = max(stall_seconds, 10 median steps - 4 s); 4 s is the time that it takes to end a
// job. Let the slow limit be max(10 stall_seconds, L), plus the time of writing a checkpoint at
// kSlowestStorage. A rank has stalled if
//   its process is stopped (SIGSTOP) for stall_seconds; or
//   it is silent for L without an explanation, or for the slow limit with one; or
//   it waits for others in a loop of this program (Waiting::kPolling), but the loop has made no
//     turn for L + kPeerFirstSeconds, so it hangs inside a call of MPI; or
//   it waits inside a call of MPI in which a waiting rank would sleep (Waiting::kInside), but has
//     computed all the time for L + kPeerFirstSeconds; or
//   its writer of checkpoints neither does anything nor waits for a core or storage for L, or takes
//   longer than the slow limit.
// A rank that only waits for others is not at fault. It nevertheless ends after 1.5 slow limits (at
// least 300 s while MPI starts), so that nothing hangs for ever; that is longer than any other rank
// may take.
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
  char state = 'R';               // of the process, see ProcessState
  ProcessActivity activity = {};  // set only if quiet() was true
  ThreadActivity writing = {};    // of the writer; set only if there is one
};
RankSample SampleOf(const RankStatus& status, char state);

enum class StallKind { kStopped, kNoProgress, kInsideMpi, kWriter, kOthers };

struct Stall {
  StallKind kind;
  double seconds;  // how long it has lasted
};

class StallWatch {
 public:
  explicit StallWatch(double stall_seconds) : stall_seconds_(stall_seconds) {}

  // Takes a sample; `seconds` is the time of watching since the last one. Returns a stall if there
  // is one.
  std::optional<Stall> Observe(const RankSample& sample, double seconds);
  // True if the last sample showed no progress, so that the next one should include the state and
  // the activity of the process.
  bool quiet() const { return since_beat_ > 0; }
  // How long the rank has shown no progress.
  double quiet_seconds() const { return since_beat_; }
  // L, according to the steps so far.
  double StepLimit() const;

 private:
  void Measure(const RankSample& sample, double seconds);
  bool Explained(const RankSample& sample) const;
  double Counted(const RankSample& sample, double seconds);
  bool WriterRests(const RankSample& sample) const;
  bool ComputesThrough(const RankSample& sample, double counted) const;
  void ObserveSteps(const RankSample& sample, double seconds);
  double SlowLimit(const RankSample& sample) const;
  double WaitLimit(RankPhase phase) const;
  std::optional<Stall> Judge(const RankSample& sample) const;

  double stall_seconds_;
  RankSample last_;
  bool first_ = true;
  double untold_ = 0;      // of which the system has not yet said whether there was a core
  double since_beat_ = 0;  // by the clock; the next four without the time without a core
  double silent_ = 0, unexplained_ = 0, since_poll_ = 0, computing_ = 0;
  double stopped_ = 0, writing_ = 0, resting_ = 0, since_step_ = 0;
  std::array<double, 15> durations_{};
  std::size_t measured_ = 0;
};

}  // namespace lockstep
