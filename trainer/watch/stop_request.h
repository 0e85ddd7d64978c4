// Wishes that training should end before it is done: a signal, a file named `stop` in the run
// folder, a time limit that is near, another start that has taken over the run. Signals only set a
// flag. A wish travels as a number with what ranks tell each other in every step
// (worker/rank_note.h), so that all end after the same step and know the same reason.
#pragma once

#include <span>
#include <string>

#include "trainer/watch/run_owner.h"
#include "trainer/watch/time_limit.h"
#include "worker/comm/communicator.h"
#include "worker/rank_note.h"

namespace lockstep {

// Numbers below 1000 are signals.
enum class StopReason : int { kNone = 0, kStopFile = 1000, kTimeLimit = 1001, kSuperseded = 1002 };

// From now to the end of the process SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 are wishes to stop, also
// where they were blocked, and so is SIGHUP (a closed terminal) unless it was ignored before, as
// nohup does. SIGPIPE and SIGXFSZ are ignored: what they stand for comes back as the error of a
// write. To be called before anything that takes time; a child that is forked afterwards inherits
// it.
void CatchStopSignals();

class StopRequest {
 public:
  // One rank of a job watches the file, the clock and who owns the run: it has a folder, and a
  // limit and an owner that outlive this; the others have "" and null.
  StopRequest(const std::string& run_folder, const TimeLimit* limit,
              const RunOwner* owner = nullptr);

  // What this rank wishes. Rank-local. Looks at files at most once a second.
  StopReason Seen();
  // Deletes the stop file, so that the next start does not end at once.
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

// What all ranks do.
struct AgreedStop {
  StopReason reason = StopReason::kNone;
  int rank = 0;  // the lowest that wishes it
  explicit operator bool() const { return reason != StopReason::kNone; }
  // "SIGTERM on rank 2", "stop file", "time limit".
  std::string Text() const;
};
AgreedStop AgreeOnStop(std::span<const RankNote> notes);
// Collective. The same outside a step.
AgreedStop AgreeOnStop(const Communicator& comm, StopReason mine);

}  // namespace lockstep
