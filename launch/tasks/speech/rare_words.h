// Whether a corpus has enough words for a model whose units are words.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// A warning if the units of the corpus are words, and the training transcripts have fewer than 2000
// in all, or more than a third of the different ones fewer than 5 times; empty otherwise. Copies at
// other speeds do not count.
std::string RareWords(const CorpusInfo& corpus);

}  // namespace lockstep
