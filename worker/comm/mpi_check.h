// What MPI reports, as an error of ours. Internal to worker/comm/.
#pragma once

namespace lockstep {

// IoError with exit code 76 and MPI's own words unless `code` is MPI_SUCCESS.
void CheckMpi(int code, const char* what);

}  // namespace lockstep
