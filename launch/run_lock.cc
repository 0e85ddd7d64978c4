#include "launch/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/log.h"

namespace lockstep {

RunLock::RunLock(const std::string& run_folder) {
  const std::string path = run_folder + "/.lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    throw IoError(fmt::format("cannot open {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) {
    ::close(fd_);
    throw UsageError(
        "run {} is being trained by another process; wait for it, or choose another --run",
        run_folder);
  }
  // File systems without locks exist; training on them is better than none.
  LogWarning("{} cannot be locked ({}): take care that only one job trains in it", run_folder,
             ErrnoText());
}

RunLock::~RunLock() { ::close(fd_); }

}  // namespace lockstep
