#include "trainer/report/metrics_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/json_number.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/own_file.h"
#include "base/raw_file.h"
#include "base/system_call.h"

namespace lockstep {

namespace {

// The step of a line, 0 for the first line, which tells of the run; greater than any step if the
// line is not one of ours.
Index StepOf(const std::string& line) {
  const auto object = ParseJsonOrDiscard(line);
  if (!object.is_object()) return std::numeric_limits<Index>::max();
  if (object.contains("kind") && object["kind"] == "run") return 0;
  if (!object.contains("step") || !IsIndex(object["step"]))
    return std::numeric_limits<Index>::max();
  return object["step"].get<Index>();
}

std::string TextAt(const RawFile& file, Index from, Index to) {
  std::string text(static_cast<std::size_t>(to - from), '\0');
  file.ReadAt(from, std::as_writable_bytes(std::span(text)));
  return text;
}

// The length of the lines at the front of the first `bytes` bytes that are whole and belong to
// steps up to `step`.
Index WholeLines(const RawFile& file, Index bytes, Index step) {
  constexpr Index kBlock = 1 << 16;
  std::string text;  // the part of the file that begins at `length`
  Index length = 0;
  for (Index read = 0; read < bytes;) {
    const Index next = std::min(bytes, read + kBlock);
    text += TextAt(file, read, next);
    read = next;
    for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      if (StepOf(text.substr(0, end)) > step) return length;
      length += static_cast<Index>(end) + 1;
    }
  }
  return length;
}

// The line that ends at `bytes`, without its end; nothing if none does.
std::optional<std::string> LineBefore(const RawFile& file, Index bytes) {
  constexpr Index kBlock = 1 << 16, kLongest = Index{1} << 26;
  Index from = bytes - 1;
  if (TextAt(file, from, bytes) != "\n") return std::nullopt;
  std::vector<std::string> blocks;  // the last one first
  bool is_whole = from == 0;
  while (!is_whole && bytes - from < kLongest) {
    const Index begin = std::max<Index>(0, from - kBlock);
    blocks.push_back(TextAt(file, begin, from));
    from = begin;
    const std::size_t end = blocks.back().rfind('\n');
    is_whole = from == 0 || end != std::string::npos;
    if (end != std::string::npos) blocks.back().erase(0, end + 1);
  }
  if (!is_whole) return std::nullopt;
  std::reverse(blocks.begin(), blocks.end());
  return fmt::format("{}", fmt::join(blocks, ""));
}

// True if a line of a step up to `step` ends at `bytes`. It need not: if somebody deleted the file
// and a new one was begun, that may have grown longer than `bytes`.
bool LineEndsAt(const RawFile& file, Index bytes, Index step) {
  const std::optional<std::string> line = LineBefore(file, bytes);
  return line && StepOf(*line) <= step;
}

// The length to which the file must be cut: `bytes` if it still is that long, else less.
Index LinesLeft(const std::string& path, Index bytes, Index step) {
  struct stat status {};
  if (bytes == 0) return 0;
  if (::lstat(path.c_str(), &status) != 0) {
    LogWarning("{} is missing: its lines up to step {} are lost, a new one is begun", path, step);
    return 0;
  }
  if (!S_ISREG(status.st_mode)) {
    throw BadData(
        "{} is {}; move it away, and run the same command again", path,
        S_ISLNK(status.st_mode) ? "a symbolic link, which is not followed" : "no regular file");
  }
  const RawFile file = RawFile::OpenForReading(path);
  const Index size = file.SizeBytes();
  if (size >= bytes && LineEndsAt(file, bytes, step)) return bytes;
  const Index left = WholeLines(file, size, step);
  LogWarning(
      "{}: the checkpoint of step {} was taken at {} bytes, where no line of its steps ends; the "
      "first {} bytes, whole lines of its steps, are kept",
      path, step, bytes, left);
  return left;
}

}  // namespace

MetricsLog::MetricsLog(const std::string& path, Index bytes, Index step,
                       FunctionRef<void()> before_commit)
    : path_(path) {
  if (path.empty()) return;
  bytes = LinesLeft(path, bytes, step);
  // Makes a new file, because an earlier start of the run may be alive and have the old one open.
  CutToCopy(path, bytes, before_commit);
  fd_ = OpenOwnFile(path, O_WRONLY);
  bytes_ = durable_ = written_ = bytes;
}

MetricsLog::~MetricsLog() {
  if (fd_ >= 0) ::close(fd_);
}

void MetricsLog::Write(const nlohmann::ordered_json& object) {
  if (fd_ < 0) return;
  const std::string line = JsonText(object) + "\n";
  bytes_ += static_cast<Index>(line.size());
  Keep(line);
}

void MetricsLog::Keep(const std::string& line) {
  constexpr std::size_t kSyncAbove = std::size_t{1} << 18, kMostKept = std::size_t{1} << 20;
  std::unique_lock lock(mutex_);
  kept_ += line;
  if (!Flush()) Warn(problem_);
  if (kept_.size() < kSyncAbove) return;
  lock.unlock();
  try {  // many lines gather if saves are far apart
    Sync(bytes_);
  } catch (const IoError& error) {
    Warn(error.what());
    lock.lock();
    if (kept_.size() > kMostKept) throw;
  }
}

void MetricsLog::Warn(const std::string& problem) {
  if (std::exchange(warned_, true)) return;
  LogWarning("{}; lines are kept until the next save", problem);
}

// Writes the kept lines. Returns false and sets problem_ if not all of them could be written.
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

// When an fsync fails, the system may have dropped data that it had accepted, so all lines since
// durable_ are written again before the next fsync.
void MetricsLog::Sync(Index bytes) {
  if (fd_ < 0) return;
  const std::lock_guard one_at_a_time(sync_mutex_);
  std::unique_lock lock(mutex_);
  if (bytes <= durable_) return;
  if (!Flush() && written_ < bytes) throw IoError(problem_);
  const Index covered = written_;
  lock.unlock();  // Write may be called while the disk works
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
