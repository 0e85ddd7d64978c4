// A process beside each rank that sees it die or stall, names it, and ends the job.
//
// The rank is a child of its supervisor, which does nothing but watch: a thread of the rank could
// not tell that the rank was killed or stopped, and MPI could not be called from it. The supervisor
// never calls MPI and takes no memory of size.
//   the rank ends by itself       its exit code is passed on
//   it is killed by a signal      one line names rank, host, phase and step; 76, or 70 for SIGABRT
//   it stalls (stall_watch.h)     the same, with what its threads are doing; it is killed; 76
//   it makes no progress, and a later start of the job has taken over the run: it is killed; 79.
//     Who waits for ranks that a scheduler has ended cannot look itself
// Signals that ask to stop are handed to the rank. When the supervisor dies, the rank does too.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/types.h"

namespace lockstep {

struct SupervisorOptions {
  bool on = true;
  // Without progress for this long, or 10 median steps less 4 s if longer, a rank has stalled; 0:
  // never. The default leaves room to end a job within 10 s.
  double stall_seconds = 6;
};

// For what must be read before Supervise can be called: asks in another process first, so that a
// disk that does not answer ends this one. IoError (kPeerLost) after 30 s, which names the rank.
// What comes of the question is not looked at. Before there are threads.
void RequireAnswer(const std::string& what, const std::function<void()>& question);

// Forks. The rank gets nothing and goes on; the supervisor returns the code to exit with when the
// rank has ended. Without `on`, or when the system refuses a process, there is only the rank. Its
// last words also go to RUN/log.txt when that file exists and the run still belongs to this start:
// `owner` tells the number of the start that has it now (0: none, or not known), asked in processes
// of their own. Before there are threads and before MPI.
std::optional<int> Supervise(const SupervisorOptions& options, const std::string& run_folder,
                             const std::function<Index()>& owner);

}  // namespace lockstep
