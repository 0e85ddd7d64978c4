// Event files of TensorBoard. Their checksums keep changed bytes away from all that follows, so the
// bytes are read three times: as they are, as a file whose checksums were put right, and as the
// message of one record.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/durable_file.h"
#include "launch/report/event_file.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/readers.h"
#include "trainer/report/event_records.h"
#include "trainer/report/metrics_line.h"

namespace lockstep {
namespace {

constexpr std::size_t kLengthBytes = 8, kHeaderBytes = 12, kFooterBytes = 4;

void PutChecksum(std::size_t begin, std::size_t count, std::string* bytes) {
  const std::uint32_t checksum = MaskedCrc32c(std::string_view(*bytes).substr(begin, count));
  std::memcpy(bytes->data() + begin + count, &checksum, sizeof(checksum));
}

// The checksums of all records, as far as the lengths that the file gives lead.
std::string WithChecksums(std::string bytes) {
  for (std::size_t at = 0; bytes.size() - at >= kHeaderBytes;) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at, sizeof(length));
    PutChecksum(at, kLengthBytes, &bytes);
    at += kHeaderBytes;
    if (bytes.size() - at < kFooterBytes || length > bytes.size() - at - kFooterBytes) break;
    PutChecksum(at, length, &bytes);
    at += length + kFooterBytes;
  }
  return bytes;
}

std::string AsRecord(const std::string& message) {
  const std::uint64_t length = message.size();
  std::string record(kHeaderBytes, '\0');
  std::memcpy(record.data(), &length, sizeof(length));
  return WithChecksums(record + message + std::string(kFooterBytes, '\0'));
}

void CheckScalars(const EventScalars& scalars) {
  LOCKSTEP_CHECK(scalars.by_tag.size() <= 200);
  for (const auto& [tag, curve] : scalars.by_tag) {
    LOCKSTEP_CHECK(tag.size() <= 200);
    LOCKSTEP_CHECK(curve.steps.size() == curve.values.size());
    LOCKSTEP_CHECK(curve.steps.size() == curve.seconds.size());
    for (const double step : curve.steps) LOCKSTEP_CHECK(std::abs(step) <= kFarthestStep);
  }
}

// A folder needs a disk, so once is enough.
bool ReadOneFolder() {
  const std::string folder = TemporaryPath();
  std::filesystem::create_directory(folder);
  ReadOrRefuse([&] { ReadEvents(folder); });
  for (const char* const name : {"/tfevents.2", "/tfevents.1"})
    WriteDurably(folder + name, ScalarEvent(1, 1, name, 1));
  LOCKSTEP_CHECK(ReadEvents(folder).by_tag.size() == 2);
  return std::filesystem::remove_all(folder) == 3;
}

}  // namespace

void ReadEventFile(const std::string& path) {
  static const bool is_folder_read = ReadOneFolder();
  LOCKSTEP_CHECK(is_folder_read);
  EventScalars scalars = ReadEvents(path);
  CheckScalars(scalars);
  static MemoryFile file;
  const std::string bytes = ReadTextFile(path);
  for (const std::string& made : {WithChecksums(bytes), AsRecord(bytes)}) {
    file.Set({reinterpret_cast<const std::uint8_t*>(made.data()), made.size()});
    AddEventFile(file.path(), &scalars);
    CheckScalars(scalars);
  }
}

}  // namespace lockstep
