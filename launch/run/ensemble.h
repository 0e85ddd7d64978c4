// The option --ensemble: other runs, or other checkpoints, that decide together with --run.
#pragma once

#include <memory>
#include <vector>

#include "launch/run/trained_model.h"

namespace lockstep {

// The row of --ensemble for verbs and tasks whose models have one class per step or per sequence.
OptionRow EnsembleRow();

// Collective. The models that --ensemble names. UsageError if one is of other symbols or classes
// than `corpus`, which the run --run can read.
std::vector<std::unique_ptr<TrainedModel>> LoadEnsembleMembers(const Communicator& comm,
                                                               const Options& options,
                                                               const CorpusInfo& corpus);

// Collective. The model of --run at the checkpoint that ChosenCheckpoint says, together with those
// of --ensemble as one (worker/models/ensemble_model.h); its hash is that of all their parameters.
// The instruction set of the run is selected. The verb must know --ensemble.
std::unique_ptr<TrainedModel> LoadEnsemble(const Communicator& comm, const Options& options,
                                           const CorpusInfo& corpus);

}  // namespace lockstep
