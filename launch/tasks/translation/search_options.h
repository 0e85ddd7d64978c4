// The options of the search for translations, which predict and evaluate share.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"
#include "worker/decode/token_search.h"

namespace lockstep {

constexpr Index kMostBeam = 1000;  // also the most of --n-best: memory and time grow with it

// --beam, --length-penalty, --coverage-penalty.
std::span<const OptionRow> SearchRows();
// What they say; `n_best` hypotheses are kept. UsageError where a value is not allowed.
SearchOptions SearchOptionsOf(const Options& options, Index n_best = 1);
// UsageError where an option goes by the attention of a model that has none.
void RequireAttention(const Options& options, const TrainedModel& model);

}  // namespace lockstep
