// Changes how long a simulated rank takes to ask MPI whether messages are done. SMPI takes some
// time for each message that is asked about, although MPI checks all of them in one call. In
// addition, each call that ends at a different time makes the simulator divide the whole network
// again. So here a call ends at the next multiple of 5 us of the simulated clock: that is longer
// than a real call takes, but thousands of ranks are answered at the same time. A rank that polls
// only for a collective call (worker/comm/joint_call.h) waits inside MPI instead. Linked with
// --wrap=MPI_Testall --wrap=MPI_Testsome and run with smpi/test:0.
#include "bench/simulation/polling.h"

#include <smpi/smpi.h>

#include <cmath>
#include <simgrid/s4u.hpp>

namespace {
constexpr double kTickSeconds = 5e-6;
bool polls_are_free = false;  // SMPI gives each rank its own globals

void SleepUntilNextTick() {
  constexpr double kRounding = 1e-3;  // of a tick; else the end of one might count as before it
  const double ticks = simgrid::s4u::Engine::get_clock() / kTickSeconds;
  simgrid::s4u::this_actor::sleep_until((std::floor(ticks + kRounding) + 1) * kTickSeconds);
}
}  // namespace

namespace lockstep {
FreePolls::FreePolls() { polls_are_free = true; }
FreePolls::~FreePolls() { polls_are_free = false; }
}  // namespace lockstep

extern "C" {
int __real_MPI_Testsome(int count, MPI_Request* requests, int* done, int* which, MPI_Status* all);

int __wrap_MPI_Testall(int count, MPI_Request* requests, int* done, MPI_Status* all) {
  *done = 1;
  return MPI_Waitall(count, requests, all);
}

// MPI_Testany asks about all messages at once, but not about those that SMPI has buffered: when
// there are no others, it says that one is done without saying which. The statuses are not set; the
// simulated pieces are not sparse and do not need them.
int __wrap_MPI_Testsome(int count, MPI_Request* requests, int* done, int* which, MPI_Status* all) {
  if (!polls_are_free) SleepUntilNextTick();
  for (*done = 0;; ++*done) {
    int index = MPI_UNDEFINED, found = 0;
    const int code = MPI_Testany(count, requests, &index, &found, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS || found == 0) return code;
    if (index == MPI_UNDEFINED) break;
    which[*done] = index;
  }
  int buffered = 0;
  const int code = __real_MPI_Testsome(count, requests, &buffered, which + *done, all);
  if (buffered != MPI_UNDEFINED) *done += buffered;
  return code;
}
}
