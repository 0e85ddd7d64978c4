// An upper bound of the memory that training takes on a rank, known before the first step. It is
// the resident memory, measured after the run has allocated its arrays and every library has worked
// once, plus estimates for what will be allocated later. It holds until training is done: while the
// process ends, the system maps some more pages of its libraries' files, about 4 MiB, which are in
// the page cache anyhow.
#pragma once

#include <string>

#include "base/types.h"
#include "trainer/options/trainer_options.h"
#include "worker/params/parameter_layout.h"
#include "worker/worker.h"

namespace lockstep {

// Upper bounds of the slots of all splits that training computes on.
SlotBounds TrainingBounds(const CorpusInfo& corpus, const TrainerOptions& options);

// Bytes on a rank.
struct MemoryBound {
  Index program = 0;  // the program and its libraries: resident memory that is in no other field
  Index step = 0;     // activations, gradients, moments, receive buffers
  Index values = 0;   // parameters, and their average if validations use it
  Index data = 0;     // batches read ahead and tables of shards, for training and validation
  // Rank 0: a snapshot, and the copies made of it while it is written. Others: what MPI keeps of
  // moments on their way to rank 0.
  Index saving = 0;
  Index total() const { return program + step + values + data + saving; }
};

// The bytes that a rank will take for messages with the other ranks of its host, which runs
// `ranks_on_host` ranks.
Index NeighbourBytes(Index ranks_on_host);

// The bytes that a rank may take for copies of messages with ranks of other hosts: MPI keeps what
// leaves before the receiver takes it, and what arrives before this rank has asked for it
// (worker/comm/eager_messages.h). `size` is that of the parameter layout, `range` are the slots of
// this rank. 0 if all `ranks` are on one host.
Index EagerBytes(Index size, Index slots, SlotRange range, Index ranks, Index ranks_on_host);

// Computes the bound. The arrays of the step, the parameters and a snapshot must have been
// allocated and touched. `resident` is the resident memory measured after WarmUpLibraries, plus
// NeighbourBytes and EagerBytes; `step` are the bytes of TrainStep; this is rank `rank` of `ranks`.
MemoryBound BoundMemory(Index resident, Index step, const Model<float>& model,
                        const CorpusInfo& corpus, const TrainerOptions& options, int rank,
                        int ranks);

// A job that does not run. Each host has `ranks_per_host` ranks with neighbouring numbers.
struct PlannedJob {
  Index program = 0;  // memory of a rank without the model, NeighbourBytes included
  int ranks = 1;
  double replicated_share = 0;  // worker/comm/piece_plan.h
  int ranks_per_host = 1;
};

// Predicts the bound for a rank of that job.
MemoryBound PredictMemory(const PlannedJob& job, const Model<float>& model,
                          const CorpusInfo& corpus, const TrainerOptions& options, int rank);
// The bytes of the rank that needs most: rank 0, which saves, or one that has more slots, whose
// slots take more sums, or that receives more sums of others.
Index PredictMostMemory(const PlannedJob& job, const Model<float>& model, const CorpusInfo& corpus,
                        const TrainerOptions& options);

// Uses the libraries once on something small, so that their code and tables are in memory: the
// kernels on every thread of `worker`, and HDF5 on rank 0. `values` [layout.size()].
void WarmUpLibraries(const Communicator& comm, const float* values, Worker* worker);

// "memory: at most 286 MiB on rank 0, whatever the size of the corpus", and where there are other
// ranks what each of them takes: `others` bytes.
std::string Describe(const MemoryBound& bound, Index others);
// "memory of rank 0: program 30 MiB, ..."
std::string DescribeParts(const MemoryBound& bound);

}  // namespace lockstep
