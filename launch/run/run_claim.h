// A start of training takes its run folder: makes it, locks it, and clears it of what an earlier
// start left half written.
#pragma once

#include <optional>
#include <string>

#include "launch/run/newest_state.h"
#include "launch/run/run_lock.h"
#include "trainer/watch/run_owner.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Rank 0's right to the run folder, as long as this lives.
struct RunClaim {
  std::optional<RunLock> lock;
  std::optional<RunOwner> owner;
};

// Collective. Takes the folder; on rank 0, `newest` becomes the state that the run has reached so
// far. On all ranks alike, throws kUsage if the folder holds a corpus, or of an earlier run nothing
// but the mean at its end, if another start is at work in it, and if a host does not see it.
void ClaimFolder(const Communicator& comm, const std::string& run_folder, RunClaim* claim,
                 NewestState* newest);

}  // namespace lockstep
