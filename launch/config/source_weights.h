// data.source_weights: how often samples of each source of a corpus are read in an epoch of
// training (data/stream/sample_reads.h).
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// A name of sources, or a pattern with * and ? as in file names, and the weight of those it
// matches.
struct SourceWeight {
  std::string pattern;
  double weight = 1;
};
// Reads "a.fa=2, ecoli*=0.5"; empty text gives none. UsageError naming what is allowed.
std::vector<SourceWeight> SourceWeightsFromText(const std::string& text);

// One weight per source of the corpus; empty if all are 1. A source has the weight of the last
// pattern that matches it, or 1. UsageError if a pattern matches no source of the training split,
// or if less than one sample would be read in an epoch.
std::vector<double> ResolveSourceWeights(const std::vector<SourceWeight>& given,
                                         const CorpusInfo& corpus);

}  // namespace lockstep
