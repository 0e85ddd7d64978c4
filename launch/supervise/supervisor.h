// The supervisor is a process beside each rank. If the rank dies or stalls, the supervisor names it
// and ends the job.
//
// The rank is a child of its supervisor, which does nothing but watch. A thread of the rank would
// not do: it could not notice that the rank was killed or stopped. The supervisor never calls MPI,
// which might block it, and takes little memory. What it does when
//   the rank ends by itself    passes its exit code on
//   a signal kills the rank    prints a line with rank, host, phase and step; exit code 76, or
//                              70 for SIGABRT
//   the rank stalls            (stall_watch.h) prints the same line with what its threads are
//                              doing, and kills it; exit code 76
//   the rank makes no progress, and a later start of the job has taken over the run
//                              kills the rank; exit code 79. The rank itself cannot notice this
//                              while it waits for ranks that the scheduler has ended
// Signals that ask to stop are passed to the rank. If the supervisor dies, the rank dies, too.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/types.h"

namespace lockstep {

struct SupervisorOptions {
  bool on = true;
  // A rank has stalled if it makes no progress for this long, or for 10 median steps minus 4 s if
  // that is longer. 0: never. With the default, a job is ended within 10 s.
  double stall_seconds = 6;
};

// For files that must be read before Supervise can be called: runs `question` in another process
// first, so that this one can end if the disk does not respond. IoError (kPeerLost) after 30 s,
// which names the rank. The result of `question` is ignored. Must be called while the process has
// one thread.
void RequireAnswer(const std::string& what, const std::function<void()>& question);

// Forks. In the rank it returns nothing; in the supervisor it returns when the rank has ended, with
// the exit code for the process. If options.on is false, or the system refuses another process,
// there is only the rank. The last line of the supervisor also goes to RUN/log.txt, if that file
// exists and the run still belongs to this start. For that, `owner` must return the number of the
// start that owns the run (0: none, or unknown); it is called in separate processes. Must be called
// while the process has one thread, and before MPI is started.
std::optional<int> Supervise(const SupervisorOptions& options, const std::string& run_folder,
                             const std::function<Index()>& owner);

}  // namespace lockstep
