// How long a rank takes to ask MPI whether messages are done. SMPI takes a time for each message
// that is asked about, where MPI looks at all of them in one call, and every answer at a time of
// its own makes it share out the whole network anew. So here a call ends at the next multiple of
// 5 us of the simulated clock: longer than it takes, and thousands of ranks are answered at once.
// Linked with --wrap=MPI_Testsome and run with smpi/test:0.
#include <smpi/smpi.h>

#include <cmath>
#include <simgrid/s4u.hpp>

namespace {
constexpr double kTickSeconds = 5e-6;

void SleepUntilNextTick() {
  constexpr double kRounding = 1e-3;  // of a tick; else the end of one might count as before it
  const double ticks = simgrid::s4u::Engine::get_clock() / kTickSeconds;
  simgrid::s4u::this_actor::sleep_until((std::floor(ticks + kRounding) + 1) * kTickSeconds);
}
}  // namespace

extern "C" {
int __real_MPI_Testsome(int count, MPI_Request* requests, int* done, int* which, MPI_Status* all);

// MPI_Testany asks about all messages at once, but not about those that SMPI has buffered: when
// there are no others, it says that one is done without saying which.
int __wrap_MPI_Testsome(int count, MPI_Request* requests, int* done, int* which, MPI_Status* all) {
  SleepUntilNextTick();
  for (*done = 0;; ++*done) {
    int index = MPI_UNDEFINED, found = 0;
    const int code = MPI_Testany(count, requests, &index, &found, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS || found == 0) return code;
    if (index == MPI_UNDEFINED) break;
  }
  int buffered = 0;
  const int code = __real_MPI_Testsome(count, requests, &buffered, which, all);
  if (buffered != MPI_UNDEFINED) *done += buffered;
  return code;
}
}
