#include "trainer/report/event_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace lockstep {
namespace {

template <typename Integer>
void AppendLittleEndian(Integer value, std::string* out) {
  for (std::size_t i = 0; i < sizeof(value); ++i)
    *out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
}

void AppendVarint(std::uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) *out += static_cast<char>((value & 0x7F) | 0x80);
  *out += static_cast<char>(value);
}

// The fields of a protocol buffer: number of the field and kind of its value (0: varint, 1: eight
// bytes, 2: a length and as many bytes, 5: four bytes), then the value.
void AppendKey(int field, int kind, std::string* out) {
  AppendVarint(static_cast<std::uint64_t>(field << 3 | kind), out);
}
void AppendBytes(int field, std::string_view bytes, std::string* out) {
  AppendKey(field, 2, out);
  AppendVarint(bytes.size(), out);
  *out += bytes;
}
void AppendDouble(int field, double value, std::string* out) {
  AppendKey(field, 1, out);
  AppendLittleEndian(std::bit_cast<std::uint64_t>(value), out);
}
void AppendStep(double step, std::string* out) {
  AppendKey(2, 0, out);
  AppendVarint(static_cast<std::uint64_t>(std::max(step, 0.0)), out);
}

std::string Record(const std::string& event) {
  std::string record;
  AppendLittleEndian(static_cast<std::uint64_t>(event.size()), &record);
  AppendLittleEndian(MaskedCrc32c(record), &record);
  record += event;
  AppendLittleEndian(MaskedCrc32c(event), &record);
  return record;
}

std::array<std::uint32_t, 256> CrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}

}  // namespace

std::uint32_t Crc32c(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = CrcTable();
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return crc ^ 0xFFFFFFFF;
}

std::uint32_t MaskedCrc32c(std::string_view bytes) {
  return std::rotr(Crc32c(bytes), 15) + 0xa282ead8u;
}

// Event: wall_time = 1, file_version = 3.
std::string VersionEvent() {
  std::string event;
  AppendDouble(1, 0, &event);
  AppendBytes(3, "brain.Event:2", &event);
  return Record(event);
}

// Event: wall_time = 1, step = 2, session_log = 7; SessionLog: status = 1, START = 1.
std::string RestartEvent(double step) {
  std::string log, event;
  AppendKey(1, 0, &log);
  AppendVarint(1, &log);
  AppendDouble(1, 0, &event);
  AppendStep(step, &event);
  AppendBytes(7, log, &event);
  return Record(event);
}

// Event: wall_time = 1, step = 2, summary = 5; Summary: value = 1; Value: tag = 1, simple_value
// = 2.
std::string ScalarEvent(double seconds, double step, const std::string& tag, double value) {
  std::string scalar, summary, event;
  AppendBytes(1, tag, &scalar);
  AppendKey(2, 5, &scalar);
  AppendLittleEndian(std::bit_cast<std::uint32_t>(static_cast<float>(value)), &scalar);
  AppendBytes(1, scalar, &summary);
  AppendDouble(1, std::isfinite(seconds) ? seconds : 0, &event);
  AppendStep(step, &event);
  AppendBytes(5, summary, &event);
  return Record(event);
}

std::string FigureEvents(const MetricsLine& line) {
  if (line.kind != MetricsKind::kStep && line.kind != MetricsKind::kValidation) return "";
  const char* const kind = line.kind == MetricsKind::kStep ? "training" : "validation";
  std::string events;
  for (const auto& [name, value] : line.figures)
    events += ScalarEvent(line.seconds, line.step, fmt::format("{}/{}", kind, name), value);
  return events;
}

}  // namespace lockstep
