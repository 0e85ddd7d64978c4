#include "worker/comm/eager_messages.h"

#include <cstdlib>
#include <initializer_list>

#include "worker/comm/crowding.h"

namespace lockstep {
namespace {

constexpr const char* kLimitBytes = "1048576";

}  // namespace

// The variables are set by OpenMPI's mpirun and by srun.
int RanksByLauncher() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    const char* const text = std::getenv(name);
    if (text != nullptr && std::atoi(text) > 0) return std::atoi(text);
  }
  return 0;
}

void SendEagerlyBetweenHosts() {
  const int here = RanksHereByLauncher();
  if (here == 0 || RanksByLauncher() <= here) return;
  ::setenv("OMPI_MCA_btl_tcp_eager_limit", kLimitBytes, 0);
}

}  // namespace lockstep
