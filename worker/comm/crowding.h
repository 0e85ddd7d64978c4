// More ranks on a host than it has cores, as in trials of a large job on a small machine. A rank
// that waits asks MPI again and again and so keeps the core from the one it waits for, unless MPI
// gives the core away each time that it finds nothing. Internal to worker/comm/.
#pragma once

namespace lockstep {

// Ranks on this host, as the launcher's environment says; 0 where it says nothing.
int RanksHereByLauncher();

// Has MPI give cores away where this host has fewer than ranks; a user who has said otherwise in
// the environment is obeyed. Before MPI starts, while there is one thread.
void YieldWhereCrowded();

}  // namespace lockstep
