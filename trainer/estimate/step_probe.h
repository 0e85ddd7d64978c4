// Measures on this machine what a training step is made of, with real slots of the corpus.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"
#include "trainer/estimate/step_model.h"
#include "trainer/options/trainer_options.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct ProbeResult {
  StepCosts costs;
  Index slots = 0;          // that were computed
  double slot_steps = 0;    // mean over an epoch
  Index program_bytes = 0;  // resident, without what the probe took for the model
  bool has_mpi = false;     // which is in program_bytes then
};

// Collective. All ranks measure at once, as they would train; the slowest counts. Each computes a
// slot on each thread, several times, for about `seconds`; then an update. Takes the
// memory of a small training run. Errors as training would meet them: damaged or missing shards.
ProbeResult ProbeStep(const Communicator& comm, const std::string& corpus_folder,
                      const CorpusInfo& corpus, const TrainerOptions& options, double seconds);

}  // namespace lockstep
