// What a run says of the weights of its sources, and how large its epochs are with them.
#pragma once

#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Samples and steps that are read in an epoch of training, on average over epochs.
struct EpochSize {
  double sequences = 0;
  double steps = 0;
};
// `weights` are PlanOptions::source_weights.
EpochSize MeanEpochSize(const CorpusInfo& corpus, const std::vector<double>& weights);

// Rank 0 logs a line for each source of the training split; if there are many, all but the first
// lines go to log.txt only. Nothing without weights.
void TellSourceWeights(const CorpusInfo& corpus, const std::vector<double>& weights);

}  // namespace lockstep
