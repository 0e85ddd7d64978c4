#include "worker/comm/crowding.h"

#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

namespace lockstep {

// OpenMPI's mpirun, MPICH's and Intel's, srun; srun's text is like "16(x3),8".
int RanksHereByLauncher() {
  for (const char* name :
       {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_TASKS_PER_NODE"}) {
    const char* const text = std::getenv(name);
    if (text != nullptr && std::atoi(text) > 0) return std::atoi(text);
  }
  return 0;
}

// mpirun does the same where it knows of the crowd, but not where a host file gives more slots than
// there are cores: then 64 ranks on 2 cores took 80 s for what takes 3.
void YieldWhereCrowded() {
  if (RanksHereByLauncher() <= ::sysconf(_SC_NPROCESSORS_ONLN)) return;
  ::setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
}

}  // namespace lockstep
