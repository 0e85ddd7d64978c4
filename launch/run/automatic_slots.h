// batch.slots where the user has not set it: how many slots a global batch is cut into.
//
// One slot for every 4 sequences of the batch: with fewer, the products of a time step have too few
// rows, and a step takes up to twice as long (docs/performance.md); with more, fewer workers could
// share it. But at least 8, so that a run with small batches can use a few workers; a slot without
// a sequence costs nothing. That is a function of the configuration alone, so that the bits are the
// same wherever the run is started; workers beyond it are idle, and a warning says so. The value of
// the first start stands in the checkpoints, and a resumed run keeps it.
#pragma once

#include <string>

#include "launch/config/config.h"
#include "launch/run/newest_state.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// `sequences` of a global batch.
Index AutomaticSlots(Index sequences);

// Sets batch.slots if it is automatic (0). `recorded` is the value of the run so far; 0: none.
void SettleSlots(Index recorded, Config* config);

// Collective. The same for a run: rank 0 looks for what its newest checkpoint was trained with, and
// leaves what it has read in `newest`.
void SettleSlotsOfRun(const Communicator& comm, const std::string& run_folder, NewestState* newest,
                      Config* config);

}  // namespace lockstep
