// Requests to stop training early: a signal, a file named `stop` in the run folder, a time limit
// that is near, or another start that has taken over the run. The signal handlers only set a flag.
// A request travels as a number in the note of a step (worker/rank_note.h), so that all ranks stop
// after the same step and know the same reason.
#pragma once

#include <span>
#include <string>

#include "trainer/watch/run_owner.h"
#include "trainer/watch/time_limit.h"
#include "worker/comm/communicator.h"
#include "worker/rank_note.h"

namespace lockstep {

// Why to stop. Numbers below 1000 are signals.
enum class StopReason : int { kNone = 0, kStopFile = 1000, kTimeLimit = 1001, kSuperseded = 1002 };

// From now to the end of the process, SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 are requests to stop,
// even if they were blocked before. So is SIGHUP (a closed terminal), unless it was ignored before,
// as under nohup. SIGPIPE and SIGXFSZ are ignored: the write that causes them returns an error
// instead. Must be called before anything that takes time. A child that is forked afterwards
// inherits it.
void CatchStopSignals();

class StopRequest {
 public:
  // Only one rank of a job watches the stop file, the clock and the owner of the run. It passes the
  // folder, and a limit and an owner that must outlive this; other ranks pass "" and null.
  StopRequest(const std::string& run_folder, const TimeLimit* limit,
              const RunOwner* owner = nullptr);

  // The request that this rank has seen, if any. Rank-local. Looks at files at most once a second.
  StopReason Seen();
  // Deletes the stop file, if there is one, so that the next start does not end at once.
  void RemoveFile() const;

 private:
  void LookAtFiles();

  std::string file_;
  const TimeLimit* limit_;
  const RunOwner* owner_;
  double looked_at_ = 0;
  bool file_seen_ = false;
  bool superseded_ = false;
};

// The request on which all ranks have agreed.
struct AgreedStop {
  StopReason reason = StopReason::kNone;
  int rank = 0;  // the lowest rank that has seen a request; `reason` is its reason
  explicit operator bool() const { return reason != StopReason::kNone; }
  // "SIGTERM on rank 2", "stop file", "time limit".
  std::string Text() const;
};
AgreedStop AgreeOnStop(std::span<const RankNote> notes);
// Collective. The same outside a step.
AgreedStop AgreeOnStop(const Communicator& comm, StopReason mine);

}  // namespace lockstep
