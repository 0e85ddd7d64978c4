// An allgather by doubling, in messages whose order is fixed: after n rounds each rank has the
// segments of 2^n ranks of a ring, beginning with its own. Internal to worker/comm/.
#pragma once

#include "worker/comm/communicator.h"

namespace lockstep {

// Collective. Segment r of `all` must be filled in on rank r, and is afterwards on every rank.
void GatherOverRing(const Segments& segments, int rank, double* all);

}  // namespace lockstep
