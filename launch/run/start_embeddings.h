// The first values of a model whose embedding begins with vectors that another program has trained
// (model.embeddings).
#pragma once

#include <memory>
#include <string>

#include "data/corpus/shard_format.h"
#include "trainer/options/trainer_options.h"
#include "trainer/save/start_values.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Collective. The values that the seed draws, in which the rows of words that the file has are
// replaced; the file is read by rank 0 alone. A word of the vocabulary takes the vector of the same
// bytes, or else that of the first word that equals it in lower case. UsageError if the corpus has
// no ids of words, BadData if the file has none of them.
std::unique_ptr<StartValues> ReadStartEmbeddings(const Communicator& comm, const std::string& path,
                                                 const TrainerOptions& options,
                                                 const CorpusInfo& corpus);

}  // namespace lockstep
