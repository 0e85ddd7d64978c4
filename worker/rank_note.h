// What ranks tell each other in every step, besides the loss sums. A note travels in the same
// message as the sums, so it costs no exchange of its own, and all ranks decide on the same values.
#pragma once

#include <cstdint>

namespace lockstep {

struct RankNote {
  // The reason for which this rank asks all ranks to stop (trainer/watch/stop_request.h); 0 if it
  // does not ask.
  double wants_stop = 0;
  // Seconds that this rank computed in the previous step; waiting for others does not count.
  double busy_seconds = 0;
  // Digest of the parameters that this step used (worker/value_digest.h).
  std::uint64_t digest = 0;
  // Seconds that checking all memory that takes part in the memory checks would take this rank.
  double check_seconds = 0;
  // The next two name a bad block of this rank's own state (trainer/step/state_seal.h), the first
  // that was found since the start, in the form of StateSeal::ToNote; 0 if there is none.
  double changed = 0;     // its bits changed although no update wrote them (a memory fault)
  double not_finite = 0;  // an update made a value of it infinite or not a number
  // The exit code with which rank 0 gives up saving checkpoints; 0 if it does not give up.
  double save_error = 0;
};

}  // namespace lockstep
