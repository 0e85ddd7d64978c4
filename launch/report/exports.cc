#include "launch/report/exports.h"

#include <fmt/format.h>

#include <set>

#include "launch/output/cell_text.h"
#include "trainer/report/event_records.h"

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

void AppendCurves(const char* kind, const std::map<std::string, Curve>& curves, std::string* file) {
  for (const auto& [name, curve] : curves) {
    const std::string tag = fmt::format("{}/{}", kind, name);
    for (std::size_t i = 0; i < curve.steps.size(); ++i)
      *file += ScalarEvent(curve.seconds[i], curve.steps[i], tag, curve.values[i]);
  }
}

}  // namespace

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
  std::string file = VersionEvent();
  AppendCurves("training", run.training, &file);
  AppendCurves("validation", run.validation, &file);
  return file;
}

}  // namespace lockstep
