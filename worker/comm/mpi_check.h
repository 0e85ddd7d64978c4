// Turns the return codes of MPI into exceptions. Internal to worker/comm/.
#pragma once

#include "base/types.h"

namespace lockstep {

// Throws IoError with exit code 76 and MPI's own text unless `code` is MPI_SUCCESS. `what` is the
// name of the MPI function.
void CheckMpi(int code, const char* what);

// The value as MPI takes counts and offsets; it must be in the range of an int.
int ToInt(Index value);

}  // namespace lockstep
