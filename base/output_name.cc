#include "base/output_name.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/error.h"
#include "base/system_call.h"

namespace lockstep {

// Where a part of the path is missing or no folder, nothing is there; whoever makes the output says
// so in words of its own.
bool IsTaken(const std::string& path) {
  struct stat status {};
  if (Uninterrupted([&] { return ::lstat(path.c_str(), &status); }) == 0) return true;
  const int reason = errno;
  if (reason == ENOENT || reason == ENOTDIR) return false;
  const bool cannot_exist = reason == ENAMETOOLONG || reason == ELOOP;
  throw IoError(fmt::format("cannot create {}: {}; give another name", path, ErrnoText()),
                cannot_exist ? ExitCode::kCannotCreate : ExitCode::kIo);
}

}  // namespace lockstep
