// The corpus that a run is trained on: that of --corpus, and with data.mix others beside it.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Collective. Rank 0 reads the index of each corpus for all ranks and looks at its shards
// (ReadSharedCorpus). UsageError if a corpus of data.mix has other symbols or classes than that of
// `folder`, no training samples, or a weight that cannot be kept.
CorpusInfo ReadTrainingCorpus(const Communicator& comm, const RunConfig& config,
                              const std::string& folder);
// The same for one process, which looks at no shard.
CorpusInfo ReadTrainingCorpus(const RunConfig& config, const std::string& folder);

// UsageError, naming the corpus, if one of several corpora is not what the run was trained on, as
// far as corpus.json in the run folder says. With a single corpus and where nothing can be said of
// one of them alone, the hash in the checkpoint decides (trainer/run_identity.h).
void RequireSameCorpora(const RunConfig& config, const std::string& corpus_folder,
                        const CorpusInfo& corpus, const std::string& run_folder);

}  // namespace lockstep
