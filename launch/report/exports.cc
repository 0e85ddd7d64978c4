#include "launch/report/exports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>

#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

// ---- tables

// A value, its step and the column that it belongs to.
using Cells = std::map<std::string, double>;

std::map<double, Cells> RowsOf(const std::map<std::string, Curve>& curves) {
  std::map<double, Cells> rows;
  for (const auto& [name, curve] : curves) {
    for (std::size_t i = 0; i < curve.steps.size(); ++i)
      rows[curve.steps[i]][name] = curve.values[i];
  }
  return rows;
}

void AppendRow(double step, const char* kind, const Cells& cells,
               const std::set<std::string>& columns, std::string* csv) {
  *csv += fmt::format("{:.0f},{}", step, kind);
  for (const std::string& column : columns) {
    const auto found = cells.find(column);
    *csv += found == cells.end() ? "," : fmt::format(",{}", found->second);
  }
  *csv += '\n';
}

// ---- event files

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

std::uint32_t Masked(std::uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8u; }

void AppendRecord(const std::string& event, std::string* file) {
  std::string length;
  AppendLittleEndian(static_cast<std::uint64_t>(event.size()), &length);
  *file += length;
  AppendLittleEndian(Masked(Crc32c(length)), file);
  *file += event;
  AppendLittleEndian(Masked(Crc32c(event)), file);
}

// Event: wall_time = 1, step = 2, summary = 5; Summary: value = 1; Value: tag = 1, simple_value
// = 2.
std::string ScalarEvent(double seconds, double step, const std::string& tag, double value) {
  std::string scalar;
  AppendBytes(1, tag, &scalar);
  AppendKey(2, 5, &scalar);
  AppendLittleEndian(std::bit_cast<std::uint32_t>(static_cast<float>(value)), &scalar);
  std::string summary;
  AppendBytes(1, scalar, &summary);
  std::string event;
  AppendDouble(1, std::isfinite(seconds) ? seconds : 0, &event);
  AppendKey(2, 0, &event);
  AppendVarint(static_cast<std::uint64_t>(std::max(step, 0.0)), &event);
  AppendBytes(5, summary, &event);
  return event;
}

void AppendCurves(const char* kind, const std::map<std::string, Curve>& curves, std::string* file) {
  for (const auto& [name, curve] : curves) {
    const std::string tag = fmt::format("{}/{}", kind, name);
    for (std::size_t i = 0; i < curve.steps.size(); ++i)
      AppendRecord(ScalarEvent(curve.seconds[i], curve.steps[i], tag, curve.values[i]), file);
  }
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

std::string CurvesAsCsv(const RunCurves& run) {
  std::set<std::string> columns;
  for (const auto* curves : {&run.training, &run.validation})
    for (const auto& [name, curve] : *curves) columns.insert(name);
  std::string csv = "step,kind";
  for (const std::string& column : columns) csv += "," + CsvCell(column);
  csv += '\n';
  const auto training = RowsOf(run.training), validation = RowsOf(run.validation);
  auto next = validation.begin();
  for (const auto& [step, cells] : training) {
    for (; next != validation.end() && next->first < step; ++next)
      AppendRow(next->first, "validation", next->second, columns, &csv);
    AppendRow(step, "training", cells, columns, &csv);
  }
  for (; next != validation.end(); ++next)
    AppendRow(next->first, "validation", next->second, columns, &csv);
  return csv;
}

std::string CurvesAsEvents(const RunCurves& run) {
  std::string file, version;
  AppendDouble(1, 0, &version);
  AppendBytes(3, "brain.Event:2", &version);
  AppendRecord(version, &file);
  AppendCurves("training", run.training, &file);
  AppendCurves("validation", run.validation, &file);
  return file;
}

}  // namespace lockstep
