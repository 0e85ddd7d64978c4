// Measures on this machine the times of which a training step consists, with real slots of the
// corpus.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"
#include "trainer/estimate/step_model.h"
#include "trainer/options/trainer_options.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct ProbeResult {
  StepCosts costs;
  Index slots = 0;          // number of slots that were computed
  double slot_steps = 0;    // time steps of a slot, mean over an epoch
  Index program_bytes = 0;  // resident memory without what the probe took for the model
  bool has_mpi = false;     // MPI was running; program_bytes then includes it
};

// Collective. All ranks measure at the same time, as they would train; the slowest one counts. Each
// rank computes steps with one slot per thread for about `seconds`. Takes the memory of a small
// training run. Throws the errors that training would throw for damaged or missing shards.
ProbeResult ProbeStep(const Communicator& comm, const std::string& corpus_folder,
                      const CorpusInfo& corpus, const TrainerOptions& options, double seconds);

}  // namespace lockstep
