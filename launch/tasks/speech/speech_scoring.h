// The figures of speech recognition for `lockstep evaluate`: word and character error rates.
#pragma once

#include "launch/run/scoring.h"

namespace lockstep {

// --decoder and what goes with it; UsageError where they do not fit together or the corpus.
std::unique_ptr<Scoring> MakeSpeechScoring(const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
