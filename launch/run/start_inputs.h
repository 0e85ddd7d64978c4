// What a new run reads before its first step, besides the corpus.
#pragma once

#include "launch/config/config.h"

namespace lockstep {

// For verbs that read none of it: MissingInput, as training would give, if there is no run folder
// train.start_from, or no file model.embeddings.
void RequireStartInputs(const RunConfig& run);

}  // namespace lockstep
