// Handles hosts that run more ranks than they have cores, as in trials of a large job on a small
// machine. A rank that waits polls MPI again and again, and so keeps the core from the rank that it
// waits for, unless MPI yields the core each time that no message has come. Internal to
// worker/comm/.
#pragma once

namespace lockstep {

// The number of ranks on this host according to the launcher's environment variables; 0 if none of
// them is set.
int RanksHereByLauncher();

// Tells MPI to yield the core while it waits if this host has fewer cores than ranks. Does not
// overwrite the user's own setting of OMPI_MCA_mpi_yield_when_idle. Must be called before MPI
// starts, while the process has one thread.
void YieldWhereCrowded();

}  // namespace lockstep
