#include "launch/run/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/host_name.h"
#include "base/log.h"
#include "base/own_file.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "base/system_call.h"

namespace lockstep {
namespace {

// Ranks end about one second after their launcher was killed; on a loaded machine it takes longer.
constexpr double kPatienceSeconds = 5;
constexpr std::chrono::milliseconds kBetweenTries{50};

}  // namespace

RunLock::RunLock(const std::string& run_folder, bool may_share) {
  const std::string path = run_folder + "/.lock";
  fd_ = OpenOwnFile(path, O_RDWR | O_CREAT);
  if (!Try() && !TryPatiently(run_folder)) {
    const std::string owner = Owner();
    if (may_share) {
      LogWarning(
          "an earlier start of this job ({}) has not ended yet; it can write to the run no "
          "more",
          owner);
      return;
    }
    ::close(fd_);
    throw UsageError(
        "run {} is being trained by another process ({}); wait for it, or choose another --run",
        run_folder, owner);
  }
  SetOwner();
}

RunLock::~RunLock() { ::close(fd_); }

// Tries to take the lock. Also returns true if the file system has no locks, because training
// without a lock is better than not training.
bool RunLock::Try() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK || errno == EINTR) return false;
  LogWarning("the run folder cannot be locked ({}): take care that only one job trains in it",
             ErrnoText());
  return true;
}

bool RunLock::TryPatiently(const std::string& run_folder) {
  LogInfo("run {} has another process ({}); waiting {} s for its end", run_folder, Owner(),
          kPatienceSeconds);
  const double start = Seconds();
  while (Seconds() - start < kPatienceSeconds) {
    std::this_thread::sleep_for(kBetweenTries);
    Status().Beat();  // waiting here is not a stall
    if (Try()) return true;
  }
  return false;
}

// The text that the owner of the lock has written. It is only for people, so it does no harm if it
// is incomplete or old.
std::string RunLock::Owner() const {
  std::array<char, 300> text{};
  const ssize_t count = ::pread(fd_, text.data(), text.size(), 0);
  if (count <= 0) return "unknown";
  return {text.data(), static_cast<std::size_t>(count)};
}

void RunLock::SetOwner() {
  const std::string text = fmt::format("process {} on {}", ::getpid(), HostName());
  bool works = Uninterrupted([&] { return ::ftruncate(fd_, 0); }) == 0;
  for (std::size_t done = 0; works && done < text.size();) {
    const ssize_t put = Uninterrupted([&] {
      return ::pwrite(fd_, text.data() + done, text.size() - done, static_cast<off_t>(done));
    });
    works = put > 0;
    if (works) done += static_cast<std::size_t>(put);
  }
  if (!works) {
    LogWarning("cannot write to the lock of the run: {}", ErrnoText());
  }
}

}  // namespace lockstep
