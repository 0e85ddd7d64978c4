// What a run says of the weights of its sources.
#pragma once

#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Rank 0 logs a line for each source of the training split; if there are many, all but the first
// lines go to log.txt only. Nothing without weights and joined corpora.
void TellSourceWeights(const CorpusInfo& corpus, const std::vector<double>& weights);

}  // namespace lockstep
