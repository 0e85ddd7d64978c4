#include "launch/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "base/phase_timer.h"

namespace lockstep {
namespace {

// Ranks end about a second after their launcher was killed, later on a loaded machine.
constexpr double kPatienceSeconds = 5;
constexpr std::chrono::milliseconds kBetweenTries{50};

std::string HostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace

RunLock::RunLock(const std::string& run_folder) {
  const std::string path = run_folder + "/.lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    throw IoError(fmt::format("cannot open {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
  }
  if (!Try() && !TryPatiently(run_folder)) {
    const std::string owner = Owner();
    ::close(fd_);
    throw UsageError(
        "run {} is being trained by another process ({}); wait for it, or choose another --run",
        run_folder, owner);
  }
  SetOwner();
}

RunLock::~RunLock() { ::close(fd_); }

// True also where there are no locks: training on such file systems is better than none.
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
    if (Try()) return true;
  }
  return false;
}

// What the owner wrote. It only helps people; that it may be torn or old does no harm.
std::string RunLock::Owner() const {
  std::array<char, 300> text{};
  const ssize_t count = ::pread(fd_, text.data(), text.size(), 0);
  if (count <= 0) return "unknown";
  return {text.data(), static_cast<std::size_t>(count)};
}

void RunLock::SetOwner() {
  const std::string text = fmt::format("process {} on {}", ::getpid(), HostName());
  if (::ftruncate(fd_, 0) != 0 ||
      ::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    LogWarning("cannot write to the lock of the run: {}", ErrnoText());
  }
}

}  // namespace lockstep
