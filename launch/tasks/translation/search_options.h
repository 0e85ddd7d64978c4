// The options of the search for translations, which predict and evaluate share.
#pragma once

#include "launch/frame/options.h"
#include "worker/decode/token_search.h"

namespace lockstep {

// --beam, --length-penalty, --coverage-penalty.
std::span<const OptionRow> SearchRows();
// What they say; `n_best` hypotheses are kept. UsageError where a value is not allowed.
SearchOptions SearchOptionsOf(const Options& options, Index n_best = 1);

}  // namespace lockstep
