#include "trainer/report/event_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/line_reader.h"
#include "base/log.h"
#include "base/own_file.h"
#include "base/system_call.h"
#include "base/text.h"
#include "checkpoint/checkpoint_folder.h"
#include "trainer/report/event_records.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

// events.out.tfevents.0000000007.lockstep: TensorBoard reads the files of a folder in the order of
// their names.
constexpr const char* kBegin = "events.out.tfevents.";
constexpr const char* kEnd = ".lockstep";

// The number in the name of one of our files; -1 for other names.
Index NumberOf(const std::string& name) {
  std::string_view digits = name;
  if (!digits.starts_with(kBegin) || !digits.ends_with(kEnd)) return -1;
  digits.remove_prefix(std::string_view(kBegin).size());
  digits.remove_suffix(std::string_view(kEnd).size());
  constexpr Index kMost = 9'999'999'999;
  Index number = 0;
  return ReadNumber(digits, &number) && number >= 0 && number < kMost ? number : -1;
}

std::vector<Index> NumbersIn(const std::string& folder) {
  std::vector<Index> numbers;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const Index number = NumberOf(entry->path().filename().string());
    if (number >= 0) numbers.push_back(number);
  }
  if (error) throw IoError(fmt::format("cannot list folder {}: {}", folder, error.message()));
  std::ranges::sort(numbers);
  return numbers;
}

std::string PathOf(const std::string& folder, Index number) {
  return fmt::format("{}/{}{:010}{}", folder, kBegin, number, kEnd);
}

// The next line that is not too long for the reader. Returns false after the last one.
bool NextLine(LineReader* lines, std::string_view* text) {
  for (;;) {
    try {
      return lines->Next(text);
    } catch (const InputError&) {  // traces of gradients may be that long; they are no figures
    }
  }
}

std::string EventsOf(const std::string& metrics_path) {
  std::string events = VersionEvent() + RestartEvent(0);
  if (!fs::exists(metrics_path)) return events;
  LineReader lines(metrics_path, AnyBytes{});
  for (std::string_view text; NextLine(&lines, &text);)
    if (const auto line = ParseMetricsLine(text)) events += FigureEvents(*line);
  return events;
}

}  // namespace

EventLog::EventLog(const std::string& folder, const std::string& metrics_path,
                   FunctionRef<void()> before_commit) {
  MakeFolder(folder);
  RemoveTemporaries(folder, before_commit);
  const std::vector<Index> old = NumbersIn(folder);
  path_ = PathOf(folder, old.empty() ? 1 : old.back() + 1);
  ReplaceDurably(path_, EventsOf(metrics_path), before_commit);
  for (const Index number : old) {
    const std::string before = PathOf(folder, number);
    number == old.back() ? ReplaceDurably(before, VersionEvent(), before_commit)
                         : RemoveDurably(before);
  }
  fd_ = OpenOwnFile(path_, O_WRONLY | O_APPEND);
}

EventLog::~EventLog() {
  if (fd_ >= 0) ::close(fd_);
}

void EventLog::Write(const std::string& line) {
  if (fd_ < 0) return;
  const auto parsed = ParseMetricsLine(line);
  if (!parsed) return;
  const std::string events = FigureEvents(*parsed);
  for (std::size_t at = 0; at < events.size();) {
    const ssize_t taken = ::write(fd_, events.data() + at, events.size() - at);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) {
      LogWarning("cannot write to {}: {}; no more events are written until the run is started anew",
                 path_, ErrnoText());
      ::close(std::exchange(fd_, -1));
      return;
    }
    at += static_cast<std::size_t>(taken);
  }
}

}  // namespace lockstep
