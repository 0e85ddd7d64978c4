// What the keys augment.* need to know of the corpus: which label stands between words, how long a
// frame is, and how features were made and normalised.
#pragma once

#include "data/corpus/shard_format.h"
#include "data/stream/stream_options.h"
#include "launch/config/config.h"

namespace lockstep {

// Completes the options for crops and joins. UsageError if the corpus does not allow them, with the
// remedy.
void SetSplices(const RunConfig& run, const CorpusInfo& corpus, StreamOptions* stream);

// Completes the options for level, noise and rooms. UsageError if the features of the corpus are
// not log energies of mel bands that can be computed back, or if the corpus has no noise or rooms
// that the options need; with the remedy.
void SetEnergyMix(const RunConfig& run, const CorpusInfo& corpus, StreamOptions* stream);

}  // namespace lockstep
