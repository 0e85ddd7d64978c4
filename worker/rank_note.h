// What ranks tell each other in every step beside the sums. It travels with them, so it costs no
// exchange of its own, and all ranks decide on the same values.
#pragma once

#include <cstdint>

namespace lockstep {

struct RankNote {
  double wants_stop = 0;  // why this rank asks all to end (trainer/stop_request.h); 0: it does not
  double busy_seconds = 0;   // computing, in the step before; waiting for others is not in it
  std::uint64_t digest = 0;  // of what must be equal on all ranks, of the step before
};

}  // namespace lockstep
