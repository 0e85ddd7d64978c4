// When checkpoints are written and which of them are kept.
#pragma once

#include "base/types.h"

namespace lockstep {

struct CheckpointOptions {
  Index every = 500;     // steps between checkpoints
  Index keep = 3;        // number of newest files that are kept, besides the best one; 0: all
  Index keep_every = 0;  // checkpoints of steps that are a multiple of this are kept; 0: none
  Index max_failed = 3;  // the run ends when this many saves in a row have failed
};

}  // namespace lockstep
