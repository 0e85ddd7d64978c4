// Handles jobs on several hosts whose ranks exchange messages over TCP. Open MPI sends a message
// above its limit for eager ones only when the receiver has answered, and both sides look at MPI
// between time steps only (gradient_reducer.h, value_gather.h). So each message of a gradient would
// wait for two such looks while the network is idle. Internal to worker/comm/.
#pragma once

namespace lockstep {

// The number of ranks of the job according to the launcher's environment variables; 0 if none of
// them is set.
int RanksByLauncher();

// Raises the limit above the longest message of a step (PieceOptions::most_per_rank) if the job
// runs on several hosts. Measured with two hosts and 1 Gbit/s: docs/performance.md. What that costs
// is memory: MPI copies the messages that the receiver has not asked for yet (EagerBytes in
// trainer/estimate/memory_bound.h). Does not overwrite the user's own setting of
// OMPI_MCA_btl_tcp_eager_limit. Must be called before MPI starts, while the process has one thread.
void SendEagerlyBetweenHosts();

}  // namespace lockstep
