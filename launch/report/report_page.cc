#include "launch/report/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/line_reader.h"
#include "base/text.h"
#include "launch/frame/version.h"
#include "launch/output/svg_text.h"
#include "launch/report/line_chart.h"

namespace lockstep {
namespace {

constexpr const char* kStyle = R"(<style>
:root { color-scheme: light dark; --text: #222; --soft: #666; --grid: #ddd; --back: #fff; --box: #f5f5f5; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e6; --soft: #a8a8a8; --grid: #3a3a3a; --back: #181818; --box: #242424; }
}
body { font: 15px/1.45 "DejaVu Sans", Verdana, Arial, sans-serif; color: var(--text); background: var(--back);
  max-width: 1500px; margin: 0 auto; padding: 12px; }
h1 { font-size: 1.4em; overflow-wrap: anywhere; } h2 { font-size: 1.1em; margin: 1.6em 0 .5em; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 14px; }
.chart { width: 100%; height: auto; background: var(--box); border-radius: 6px; }
.chart text { font-size: 12px; fill: var(--text); } .chart .title { font-weight: bold; font-size: 13px; }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); fill: none; } .line { fill: none; stroke-width: 1.6; }
.start { stroke: var(--soft); stroke-dasharray: 2 4; } .skipped { fill: #d55e00; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9em; }
th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--grid); vertical-align: top;
  overflow-wrap: anywhere; }
td.number { text-align: right; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } footer { color: var(--soft); font-size: .85em; }
</style>
)";

const Curve* Find(const std::map<std::string, Curve>& curves, const std::string& name) {
  const auto found = curves.find(name);
  return found == curves.end() ? nullptr : &found->second;
}

// A chart of one figure of all runs, in training, in validations or in both.
class FigureChart {
 public:
  FigureChart(const std::vector<ReportedRun>& runs, const std::string& title,
              const std::string& y_title)
      : runs_(runs) {
    chart_.title = title;
    chart_.y_title = y_title;
    for (const RunStart& start : runs[0].curves.starts)
      chart_.marks.push_back(static_cast<double>(start.step));
  }

  FigureChart& Logarithmic() {
    chart_.logarithmic = true;
    return *this;
  }
  FigureChart& Training(const std::string& figure) {
    for (const ReportedRun& run : runs_)
      Add(run, Find(run.curves.training, figure), "training", false);
    return *this;
  }
  FigureChart& Validation(const std::string& figure) {
    for (const ReportedRun& run : runs_) {
      Add(run, Find(run.curves.validation, figure), "validation", true);
    }
    return *this;
  }
  FigureChart& SkippedSteps() {
    chart_.crosses = runs_[0].curves.skipped;
    constexpr std::size_t kMost = 300;
    if (chart_.crosses.size() > kMost) chart_.crosses.resize(kMost);
    return *this;
  }
  // Nothing if no run has the figure.
  std::string Svg() const { return chart_.lines.empty() ? "" : DrawChart(chart_); }

 private:
  void Add(const ReportedRun& run, const Curve* curve, const char* kind, bool has_points) {
    if (curve == nullptr) return;
    const std::string name = runs_.size() > 1 ? fmt::format("{}, {}", run.curves.name, kind) : kind;
    chart_.lines.push_back({name, curve, has_points});
  }

  const std::vector<ReportedRun>& runs_;
  Chart chart_;
};

// Figures of validations that are metrics of the task: all but those that every run has.
std::set<std::string> TaskMetrics(const std::vector<ReportedRun>& runs) {
  static const std::set<std::string> kCommon = {"loss", "labels", "epoch", "seconds", "sequences"};
  std::set<std::string> names;
  for (const ReportedRun& run : runs) {
    for (const auto& [name, curve] : run.curves.validation)
      if (!kCommon.contains(name)) names.insert(name);
  }
  return names;
}

// The figure of throughput, "tokens_per_second"; empty if there is none.
std::string ThroughputOf(const RunCurves& run) {
  for (const auto& [name, curve] : run.training) {
    if (name.ends_with("_per_second") || name.ends_with("_per_hour")) return name;
  }
  return "";
}

std::string WithBlanks(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string Charts(const std::vector<ReportedRun>& runs) {
  const auto chart = [&](const std::string& title, const std::string& unit) {
    return FigureChart(runs, title, unit);
  };
  std::string html = "<h2>Curves</h2>\n<div class=\"charts\">\n";
  html += chart("Loss per target", "nats").Training("loss").Validation("loss").Svg();
  for (const std::string& name : TaskMetrics(runs)) {
    FigureChart metric = chart(WithBlanks(name), WithBlanks(name));
    if (name == "accuracy") metric.Training(name);
    html += metric.Validation(name).Svg();
  }
  html += chart("Gradient norm before clipping; triangles: skipped steps", "norm")
              .Logarithmic()
              .Training("gradient_norm")
              .SkippedSteps()
              .Svg();
  html += chart("Learning rate", "rate").Training("learning_rate").Svg();
  const std::string throughput = ThroughputOf(runs[0].curves);
  if (!throughput.empty())
    html += chart("Throughput", WithBlanks(throughput)).Training(throughput).Svg();
  html += chart("Share of time spent waiting for data", "share").Training("data_wait_share").Svg();
  html += chart("Share of time spent in exchanges", "share").Training("communication_share").Svg();
  return html + "</div>\n";
}

std::string Row(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string row = "<tr>";
  for (const std::string& cell : cells) row += fmt::format("<{0}>{1}</{0}>", tag, XmlText(cell));
  return row + "</tr>\n";
}

std::string Table(const std::string& title, const std::vector<std::string>& head,
                  const std::string& rows) {
  if (rows.empty()) return "";
  return fmt::format("<h2>{}</h2>\n<div class=\"wide\"><table>\n{}{}</table></div>\n",
                     XmlText(title), Row(head, "th"), rows);
}

std::string Starts(const RunCurves& run) {
  std::string rows;
  for (const RunStart& start : run.starts) {
    rows += Row({start.time, std::to_string(start.step), std::to_string(start.ranks),
                 std::to_string(start.threads), start.isa, start.version});
  }
  return Table("Starts",
               {"time", "after step", "ranks", "threads of a rank", "instructions", "version"},
               rows);
}

std::string Settings(const ReportedRun& run) {
  std::string rows;
  for (const auto& [key, setting] : run.settings) rows += Row({key, setting.value, setting.origin});
  if (rows.empty()) return "";
  return fmt::format(
      "<details><summary>Configuration: {} keys</summary>\n<div class=\"wide\"><table>\n{}{}"
      "</table></div></details>\n",
      run.settings.size(), Row({"key", "value", "from"}, "th"), rows);
}

// Keys that have not the same value in all runs.
std::string DifferentSettings(const std::vector<ReportedRun>& runs) {
  if (runs.size() < 2) return "";
  std::set<std::string> keys;
  for (const ReportedRun& run : runs)
    for (const auto& [key, setting] : run.settings) keys.insert(key);
  std::string rows;
  for (const std::string& key : keys) {
    std::vector<std::string> cells = {key};
    for (const ReportedRun& run : runs) {
      const auto found = run.settings.find(key);
      cells.push_back(found == run.settings.end() ? "" : found->second.value);
    }
    if (std::any_of(cells.begin() + 2, cells.end(), [&](auto& c) { return c != cells[1]; }))
      rows += Row(cells);
  }
  std::vector<std::string> head = {"key"};
  for (const ReportedRun& run : runs) head.push_back(run.curves.name);
  return Table("Settings that differ", head, rows);
}

std::string Arrays(const ReportedRun& run) {
  std::string rows;
  for (const ReportedRun::Array& array : run.arrays)
    rows += Row({array.name, array.shape, std::to_string(array.parameters)});
  return Table("Parameters", {"name", "shape", "number"}, rows);
}

std::string Facts(const ReportedRun& run) {
  std::string html = "<dl>\n";
  for (const auto& [name, value] : run.facts)
    html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", XmlText(name), XmlText(value));
  return html + "</dl>\n";
}

}  // namespace

std::map<std::string, ReportedRun::Setting> ReadSettings(const std::string& run_folder) {
  std::map<std::string, ReportedRun::Setting> settings;
  const std::string path = run_folder + "/config.toml";
  if (!std::filesystem::exists(path)) return settings;
  LineReader lines(path, AnyBytes{});
  std::string section;
  for (std::string_view line; lines.Next(&line);) {
    const std::size_t equals = line.find(" = ");
    if (line.starts_with("[") && line.ends_with("]")) section = line.substr(1, line.size() - 2);
    if (equals == std::string_view::npos || line.starts_with("#")) continue;
    const std::string key = fmt::format("{}.{}", section, line.substr(0, equals));
    const std::string_view rest = line.substr(equals + 3);
    const std::size_t mark = rest.rfind("  # ");  // behind the value stands where it comes from
    const auto value = rest.substr(0, mark);
    settings[key] = {std::string(Trim(value)),
                     mark == std::string_view::npos ? "" : std::string(rest.substr(mark + 4))};
  }
  return settings;
}

std::string ReportPage(const std::vector<ReportedRun>& runs) {
  const ReportedRun& run = runs[0];
  std::string html = fmt::format(
      "{}\n<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n{}</head><body>\n<h1>{}</h1>\n",
      kReportMark, XmlText(run.curves.name), kStyle, XmlText(run.curves.name));
  html += Facts(run);
  html += Charts(runs);
  html += DifferentSettings(runs);
  html += Starts(run.curves);
  html += Arrays(run);
  html += Settings(run);
  html += fmt::format("<footer><p>Made by lockstep {}. Times are UTC.</p></footer>\n", kVersion);
  return html + "</body></html>\n";
}

}  // namespace lockstep
