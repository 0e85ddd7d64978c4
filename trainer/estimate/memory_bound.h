// The most memory that training takes on rank 0, known before the first step: what is resident once
// everything of the run has been taken and every library has worked once, and what is still to
// come.
#pragma once

#include <string>

#include "base/types.h"
#include "trainer/options/trainer_options.h"
#include "worker/params/parameter_layout.h"
#include "worker/worker.h"

namespace lockstep {

// Bounds over all splits that training computes on.
SlotBounds TrainingBounds(const CorpusInfo& corpus, const TrainerOptions& options);

// Bytes, all of rank 0.
struct MemoryBound {
  Index program = 0;  // the program and its libraries: the rest of what was found resident
  Index step = 0;     // activations, gradients, moments, receive buffers
  Index values = 0;
  Index data = 0;    // batches read ahead, tables of the shards; for training and for validation
  Index saving = 0;  // a snapshot and its way to the disk
  Index total() const { return program + step + values + data + saving; }
};

// What a rank will take for messages with the others on its host, of so many ranks on a host.
Index NeighbourBytes(Index ranks_on_host);

// `step`, `values` and a snapshot are taken and touched; `resident` is what the system counts now,
// after WarmUpLibraries, and NeighbourBytes. `range` are the slots of this rank.
MemoryBound BoundMemory(Index resident, Index step, const Model<float>& model,
                        const CorpusInfo& corpus, const TrainerOptions& options, SlotRange range);

// The same for rank 0 of a job of so many ranks that this program is not part of; `program` is what
// one takes without the model, NeighbourBytes included; `replicated_share` as in
// worker/comm/piece_plan.h; hosts have `ranks_per_host` in blocks.
MemoryBound PredictMemory(Index program, const Model<float>& model, const CorpusInfo& corpus,
                          const TrainerOptions& options, int ranks, double replicated_share,
                          int ranks_per_host);

// Lets everything work once on something small, so that its code and tables are resident: kernels
// on every thread of `worker`, and the checkpoint image on rank 0. `values` [layout.size()].
void WarmUpLibraries(const Communicator& comm, const float* values, Worker* worker);

// "memory: at most 286 MiB on rank 0 (program 30, ...)"
std::string Describe(const MemoryBound& bound);

}  // namespace lockstep
