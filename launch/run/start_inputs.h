// What a new run reads before its first step, besides the corpus.
#pragma once

#include <memory>
#include <string>

#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "trainer/options/trainer_options.h"
#include "trainer/save/start_values.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// For verbs that read none of it: MissingInput, as training would give, if there is no run folder
// train.start_from, or no file model.embeddings.
void RequireStartInputs(const RunConfig& run);

// Collective. The parameters of the run train.start_from, or those with the vectors of
// model.embeddings; null if neither is set. UsageError if train.start_parts is set without
// train.start_from, or the other run reads another kind of input than the corpus has; errors of
// reading as LoadTrainedModel and ReadStartEmbeddings give them.
std::unique_ptr<StartValues> ReadStartValues(const Communicator& comm, const RunConfig& run,
                                             const std::string& corpus_folder,
                                             const CorpusInfo& corpus,
                                             const TrainerOptions& options);

}  // namespace lockstep
