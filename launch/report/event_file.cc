#include "launch/report/event_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/raw_file.h"
#include "launch/output/cell_text.h"
#include "launch/report/proto_fields.h"
#include "trainer/report/event_records.h"
#include "trainer/report/metrics_line.h"

namespace lockstep {
namespace {

constexpr std::size_t kLongestTag = 200;
// Records of scalars are short; pictures and sounds are not read.
constexpr std::uint64_t kLongestRecord = std::uint64_t{1} << 16;
constexpr Index kHeaderBytes = 12, kFooterBytes = 4;

// Takes the records of one file one after another, and gives their scalars to the store.
class EventFileReader {
 public:
  EventFileReader(const std::string& path, ScalarStore* store, EventScalars* scalars)
      : file_(RawFile::OpenForReading(path)),
        size_(file_.SizeBytes()),
        store_(*store),
        scalars_(*scalars) {}

  void Read() {
    while (at_ < size_ && ReadRecord()) {
    }
    if (long_tags_ > 0) {
      Tell(fmt::format("values left out because their tags are longer than {} bytes: {}",
                       kLongestTag, long_tags_));
    }
    if (far_steps_ > 0) {
      Tell(fmt::format("values left out because their steps lie beyond +-10^15: {}", far_steps_));
    }
  }

 private:
  // False if nothing more can be read.
  bool ReadRecord() {
    const auto left = static_cast<std::uint64_t>(size_ - at_);
    if (left < kHeaderBytes) return EndsWithin();
    const std::string header = Bytes(at_, kHeaderBytes);
    const auto length = NumberAt<std::uint64_t>(header);
    const std::string_view length_bytes = std::string_view(header).substr(0, sizeof(length));
    if (MaskedCrc32c(length_bytes) != NumberAt<std::uint32_t>(header, sizeof(length))) {
      Tell(
          fmt::format("read up to byte {}: what follows is no record of an event file (wrong "
                      "checksum of its length)",
                      at_));
      return false;
    }
    constexpr std::uint64_t kAround = kHeaderBytes + kFooterBytes;
    if (left < kAround || length > left - kAround) return EndsWithin();
    const Index data = at_ + kHeaderBytes, bytes = static_cast<Index>(length);
    if (length <= kLongestRecord) TakeRecord(Bytes(data, bytes + kFooterBytes));
    at_ = data + bytes + kFooterBytes;
    return true;
  }

  // A file that is cut off cannot be told from one that a program is writing.
  bool EndsWithin() {
    Tell(
        fmt::format("may still be written; read up to byte {} of {}, since the record that begins "
                    "there goes beyond the end of the file",
                    at_, size_));
    return false;
  }

  void TakeRecord(std::string_view record) {
    const std::string_view message = record.substr(0, record.size() - kFooterBytes);
    const bool is_whole = MaskedCrc32c(message) == NumberAt<std::uint32_t>(record, message.size());
    const std::optional<Event> event = is_whole ? ParseEvent(message) : std::nullopt;
    if (!event) {
      ++scalars_.unreadable_records;
      return;
    }
    if (event->restarts) store_.Forget(event->step);
    for (const Scalar& scalar : event->scalars) Add(*event, scalar);
  }

  void Add(const Event& event, const Scalar& scalar) {
    if (scalar.tag.size() > kLongestTag) {
      ++long_tags_;
    } else if (std::abs(event.step) > kFarthestStep) {
      ++far_steps_;
    } else if (!store_.Add(event, scalar)) {
      ++scalars_.left_out_values;
    }
  }

  void Tell(const std::string& text) {
    scalars_.problems.push_back(fmt::format("{}: {}", PathText(file_.path()), text));
  }

  std::string Bytes(Index at, Index count) const {
    std::string bytes(static_cast<std::size_t>(count), '\0');
    file_.ReadAt(at, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  RawFile file_;
  Index size_, at_ = 0;
  Index long_tags_ = 0, far_steps_ = 0;  // values that are left out
  ScalarStore& store_;
  EventScalars& scalars_;
};

std::vector<std::string> EventFilesIn(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const bool is_named_so = entry.path().filename().string().find("tfevents") != std::string::npos;
    if (is_named_so && entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

void AddEventFile(const std::string& path, EventScalars* scalars) {
  ScalarStore store(scalars);
  EventFileReader(path, &store, scalars).Read();
}

EventScalars ReadEvents(const std::string& path) {
  std::error_code unknown;  // which opening it as a file names
  const bool is_folder = std::filesystem::is_directory(path, unknown);
  const std::vector<std::string> paths =
      is_folder ? EventFilesIn(path) : std::vector<std::string>{path};
  if (paths.empty()) {
    throw MissingInput(
        "{}: there is no event file of TensorBoard in this folder (a file with \"tfevents\" in its "
        "name); give the folder of one run, as the program that wrote it got it",
        path);
  }
  EventScalars scalars;
  ScalarStore store(&scalars);
  for (const std::string& file : paths) EventFileReader(file, &store, &scalars).Read();
  return scalars;
}

}  // namespace lockstep
