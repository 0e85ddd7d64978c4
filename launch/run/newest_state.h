// What the start of a run must know of its newest valid checkpoint before the trainer loads it.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

struct NewestState {
  std::string path;  // path of the checkpoint; empty if there is none
  std::string isa;   // the instruction set that it was trained with
  Index slots = 0;   // its batch.slots; 0 if it names none
};

// Sets `state` to that of the newest valid checkpoint of a run; damaged ones are passed over,
// because whoever resumes says so. The hash of a checkpoint covers the whole file, so asking takes
// as long as reading it. A file that `state` has been read from before is therefore not read again:
// one start of a run may ask before and after it takes the run folder.
void FindNewestState(const std::string& run_folder, NewestState* state);

}  // namespace lockstep
