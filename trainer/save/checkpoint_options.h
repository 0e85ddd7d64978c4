// When checkpoints are written and which of them are kept.
#pragma once

#include "base/types.h"

namespace lockstep {

struct CheckpointOptions {
  Index every = 500;     // steps between checkpoints
  Index keep = 3;        // number of newest files that are kept, besides the best one; 0: all
  Index keep_every = 0;  // checkpoints of steps that are a multiple of this are kept; 0: none
  // The mean of this many of the last checkpoints is written at the end (checkpoint_average.h), and
  // as many at multiples of `every` are kept; 0: none.
  Index average = 0;
  Index max_failed = 3;  // the run ends when this many saves in a row have failed
};

}  // namespace lockstep
