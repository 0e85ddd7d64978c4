// When checkpoints are written and which of them are kept.
#pragma once

#include "base/types.h"

namespace lockstep {

struct CheckpointOptions {
  Index every = 500;     // steps
  Index keep = 3;        // newest files kept, besides the best; 0: all
  Index keep_every = 0;  // steps whose multiples are kept for ever; 0: none
  Index max_failed = 3;  // failures in a row that end the run
};

}  // namespace lockstep
