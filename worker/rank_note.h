// What ranks tell each other in every step beside the sums. It travels with them, so it costs no
// exchange of its own, and all ranks decide on the same values.
#pragma once

#include <cstdint>

namespace lockstep {

struct RankNote {
  double wants_stop =
      0;  // why this rank asks all to end (trainer/watch/stop_request.h); 0: it does not
  double busy_seconds = 0;   // computing, in the step before; waiting for others is not in it
  std::uint64_t digest = 0;  // of the parameters that this step used (worker/value_digest.h)
  double check_seconds = 0;  // that looking at all memory which is checked would take
  // Blocks of this rank's own state (trainer/step/state_seal.h) since the start; 0: none.
  double changed = 0;     // whose bits changed by themselves
  double not_finite = 0;  // that an update made infinite or not a number
  double save_error = 0;  // exit code with which rank 0 gives up saving; 0: it does not
};

}  // namespace lockstep
