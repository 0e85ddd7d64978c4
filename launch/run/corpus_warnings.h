// Warns of a corpus that is too small for what it is to be used for. Training goes on.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

// A warning if the training split has fewer samples than a batch, so that each epoch is one batch;
// empty otherwise.
std::string OneBatchWarning(Index samples, Index batch_sequences);

}  // namespace lockstep
