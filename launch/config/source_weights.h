// data.source_weights: how often samples of each source of a corpus are read in an epoch of
// training (data/stream/sample_reads.h).
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// One NAME=WEIGHT of a list.
struct NamedWeight {
  std::string name;  // trimmed, not empty
  double weight = 1;
};
// What a key that holds such a list allows.
struct WeightRules {
  const char* key;
  const char* name;     // the word for NAME in messages
  const char* meaning;  // what NAME and WEIGHT may be, for messages
  double least, most;   // of a weight, both inclusive
};
// Reads "a=2, b=0.5"; a name may contain =, but no comma. Empty text gives none. UsageError naming
// what is allowed.
std::vector<NamedWeight> NamedWeightsFromText(const WeightRules& rules, const std::string& text);

// The weights of sources. A name may be a pattern with * and ? as in file names.
std::vector<NamedWeight> SourceWeightsFromText(const std::string& text);

// One weight per source of the corpus; empty if all are 1. A source has the weight of the last
// pattern that matches it, or 1. Patterns match sources of the corpus itself only; corpora that
// were joined to it (data/corpus/joined_corpus.h) have their reads per sample as weight. UsageError
// if a pattern matches no source of the training split, or if less than one sample would be read in
// an epoch.
std::vector<double> ResolveSourceWeights(const std::vector<NamedWeight>& given,
                                         const CorpusInfo& corpus);

}  // namespace lockstep
