#include "trainer/metrics_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/log.h"

namespace lockstep {

MetricsLog::MetricsLog(const std::string& path, Index bytes) : path_(path), bytes_(bytes) {
  if (path.empty()) return;
  if (bytes > 0 && ::access(path.c_str(), F_OK) != 0) {
    LogWarning("{} is missing: its lines up to here are lost, a new one is begun", path);
    bytes_ = bytes = 0;
  }
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    throw IoError(fmt::format("cannot open {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
  }
  struct stat status {};
  ::fstat(fd_, &status);
  if (status.st_size < bytes) {
    throw BadData(
        "{}: has {} bytes, the checkpoint was taken at {}; put the file back or delete the "
        "run's newer checkpoints",
        path, status.st_size, bytes);
  }
  if (::ftruncate(fd_, bytes) != 0 || ::lseek(fd_, bytes, SEEK_SET) < 0) {
    throw IoError(fmt::format("cannot cut {} back to {} bytes: {}", path, bytes, ErrnoText()));
  }
}

MetricsLog::~MetricsLog() {
  if (fd_ >= 0) ::close(fd_);
}

void MetricsLog::Write(const nlohmann::ordered_json& object) {
  if (fd_ < 0) return;
  const std::string line = object.dump() + "\n";
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t written = ::write(fd_, line.data() + done, line.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw IoError(fmt::format("cannot write to {}: {}", path_, ErrnoText()));
    done += static_cast<std::size_t>(written);
  }
  bytes_ += static_cast<Index>(line.size());
}

Index MetricsLog::Sync() {
  if (fd_ >= 0 && ::fsync(fd_) != 0) {
    throw IoError(fmt::format("cannot fsync {}: {}", path_, ErrnoText()));
  }
  return bytes_;
}

nlohmann::ordered_json FiniteOrName(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

}  // namespace lockstep
