// What augment.warp needs to know of the corpus: where frequencies are in a frame, and how features
// were normalised.
#pragma once

#include "data/corpus/shard_format.h"
#include "data/stream/stream_options.h"

namespace lockstep {

// Completes the options for warps of the frequency axis. UsageError if the features of the corpus
// are neither log energies of mel bands nor cepstra, or were normalised such that their deviations
// are not known; with the remedy.
void SetFrequencyWarp(const CorpusInfo& corpus, StreamOptions* stream);

}  // namespace lockstep
