// What ranks tell each other in every step beside the sums. It travels with them, so it costs no
// exchange of its own, and all ranks decide on the same values.
#pragma once

#include <cstdint>

namespace lockstep {

struct RankNote {
  // Why this rank asks all to end (trainer/watch/stop_request.h); 0: it does not.
  double wants_stop = 0;
  // Seconds that this rank computed in the step before; waiting for others does not count.
  double busy_seconds = 0;
  // Digest of the parameters that this step used (worker/value_digest.h).
  std::uint64_t digest = 0;
  // Seconds that a look at all memory which is checked would take.
  double check_seconds = 0;
  // Blocks of this rank's own state (trainer/step/state_seal.h) since the start, plus 1 as a
  // number; 0: none.
  double changed = 0;     // whose bits changed although no update wrote them (a memory fault)
  double not_finite = 0;  // that an update made infinite or not a number
  // Exit code with which rank 0 gives up saving; 0: it does not.
  double save_error = 0;
};

}  // namespace lockstep
