// For programs that measure a single rank.
#pragma once

#include <fmt/format.h>

#include <cstdio>

#include "worker/comm/communicator.h"

namespace lockstep {

// True if this process is the only rank. Otherwise rank 0 says on stderr what to start instead;
// the program should then end with ExitCode::kUsage.
inline bool IsOnlyRank(const Communicator& comm, const char* program) {
  if (comm.size() == 1) return true;
  if (comm.rank() == 0) {
    fmt::print(stderr, "{} measures one rank, but mpirun started {}; start it without mpirun\n",
               program, comm.size());
  }
  return false;
}

}  // namespace lockstep
