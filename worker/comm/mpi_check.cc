#include "worker/comm/mpi_check.h"

#include <mpi.h>

#include <limits>

#include "base/error.h"

namespace lockstep {

void CheckMpi(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw IoError(fmt::format("{} failed: MPI says: {}; run the same command again to resume", what,
                            std::string(text, static_cast<std::size_t>(length))),
                ExitCode::kPeerLost);
}

int ToInt(Index value) {
  LOCKSTEP_CHECK(value >= 0 && value <= std::numeric_limits<int>::max());
  return static_cast<int>(value);
}

}  // namespace lockstep
