// What `lockstep evaluate` says of a language model: perplexity per symbol and per word, bits per
// symbol, character and byte.
#pragma once

#include <memory>

#include "launch/frame/options.h"
#include "launch/run/scoring.h"

namespace lockstep {

std::unique_ptr<Scoring> MakeLanguageScoring(const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
