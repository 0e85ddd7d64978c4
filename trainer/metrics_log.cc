#include "trainer/metrics_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/system_call.h"

namespace lockstep {

MetricsLog::MetricsLog(const std::string& path, Index bytes, FunctionRef<void()> before_commit)
    : path_(path) {
  if (path.empty()) return;
  if (bytes > 0 && ::access(path.c_str(), F_OK) != 0) {
    LogWarning("{} is missing: its lines up to here are lost, a new one is begun", path);
    bytes = 0;
  }
  struct stat status {};
  if (bytes > 0 && ::stat(path.c_str(), &status) == 0 && status.st_size < bytes) {
    throw BadData(
        "{}: has {} bytes, the checkpoint was taken at {}; put the file back or delete the "
        "run's newer checkpoints",
        path, status.st_size, bytes);
  }
  // An earlier start of the run may be alive and have the file open.
  CutToCopy(path, bytes, before_commit);
  fd_ = Uninterrupted([&] { return ::open(path.c_str(), O_WRONLY | O_CLOEXEC); });
  if (fd_ < 0) {
    throw IoError(fmt::format("cannot open {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
  }
  bytes_ = durable_ = written_ = bytes;
}

MetricsLog::~MetricsLog() {
  if (fd_ >= 0) ::close(fd_);
}

void MetricsLog::Write(const nlohmann::ordered_json& object) {
  if (fd_ < 0) return;
  const std::string line = object.dump() + "\n";
  bytes_ += static_cast<Index>(line.size());
  Keep(line);
}

void MetricsLog::Keep(const std::string& line) {
  constexpr std::size_t kSyncAbove = std::size_t{1} << 18, kMostKept = std::size_t{1} << 20;
  std::unique_lock lock(mutex_);
  kept_ += line;
  if (!Flush()) Warn(problem_);
  if (kept_.size() > kMostKept) throw IoError(problem_);
  if (kept_.size() < kSyncAbove) return;
  lock.unlock();
  try {  // much gathers between two saves that are far apart
    Sync(bytes_);
  } catch (const IoError& error) {
    Warn(error.what());
  }
}

void MetricsLog::Warn(const std::string& problem) {
  if (std::exchange(warned_, true)) return;
  LogWarning("{}; lines are kept until the next save", problem);
}

// False, with problem_ set, when not all that is kept could be written.
bool MetricsLog::Flush() {
  while (written_ < durable_ + static_cast<Index>(kept_.size())) {
    const std::size_t at = static_cast<std::size_t>(written_ - durable_);
    const ssize_t taken = ::pwrite(fd_, kept_.data() + at, kept_.size() - at, written_);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) {
      problem_ = fmt::format("cannot write to {}: {}", path_, ErrnoText());
      return false;
    }
    written_ += taken;
  }
  return true;
}

// After an fsync that failed, the system may have dropped what it had taken: the same lines are
// written again before the next one.
void MetricsLog::Sync(Index bytes) {
  if (fd_ < 0) return;
  const std::lock_guard one_at_a_time(sync_mutex_);
  std::unique_lock lock(mutex_);
  if (bytes <= durable_) return;
  if (!Flush() && written_ < bytes) throw IoError(problem_);
  const Index covered = written_;
  lock.unlock();  // lines may come while the disk works
  const bool failed = Uninterrupted([&] { return ::fsync(fd_); }) != 0;
  const std::string reason = failed ? ErrnoText() : "";
  lock.lock();
  if (failed) {
    written_ = durable_;
    throw IoError(fmt::format("cannot fsync {}: {}", path_, reason));
  }
  kept_.erase(0, static_cast<std::size_t>(covered - durable_));
  durable_ = covered;
}

nlohmann::ordered_json FiniteOrName(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

}  // namespace lockstep
