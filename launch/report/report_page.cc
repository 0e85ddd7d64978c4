#include "launch/report/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "launch/frame/version.h"
#include "launch/output/svg_text.h"
#include "launch/report/line_chart.h"

namespace lockstep {
namespace {

// Colours of lines are those of Okabe and Ito (2008), which colour-blind readers can tell apart;
// lighter ones on dark ground.
constexpr const char* kStyle = R"(<style>
:root { color-scheme: light dark; --text: #222; --soft: #5c5c5c; --grid: #ddd; --back: #fff; --box: #f5f5f5;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b04a86; --c4: #a97400; --c5: #2f8fc4; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e6; --soft: #a8a8a8; --grid: #3f3f3f; --back: #181818; --box: #242424;
    --c0: #56b4e9; --c1: #f0823c; --c2: #2fc090; --c3: #e09ac4; --c4: #f0c050; --c5: #a8d8f4; }
}
* { box-sizing: border-box; }
body { font: 15px/1.45 "DejaVu Sans", Verdana, Arial, sans-serif; color: var(--text); background: var(--back);
  max-width: 1500px; margin: 0 auto; padding: 12px; }
h1 { font-size: 1.4em; overflow-wrap: anywhere; } h2 { font-size: 1.1em; margin: 1.6em 0 .5em; }
p { margin: .5em 0; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 14px; }
.chart { width: 100%; height: auto; background: var(--box); border-radius: 6px; }
.chart text, .track text { font-size: 13px; fill: var(--text); }
.chart .title { font-weight: bold; } .chart .unit, .chart .note { font-size: 12px; fill: var(--soft); }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); fill: none; } .line { fill: none; stroke-width: 1.6; }
.line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); }
.line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); } .line.c5 { stroke: var(--c5); }
circle.c0 { fill: var(--c0); } circle.c1 { fill: var(--c1); } circle.c2 { fill: var(--c2); }
circle.c3 { fill: var(--c3); } circle.c4 { fill: var(--c4); } circle.c5 { fill: var(--c5); }
.start { stroke: var(--soft); stroke-dasharray: 2 4; } .skipped { fill: var(--c1); }
.clipped { stroke: var(--c1); stroke-width: .5; }
.wide { overflow-x: auto; max-width: 100%; } .track { width: 100%; min-width: 640px; max-width: 1100px; }
.picture { margin-bottom: 12px; } .picture svg { display: block; border-radius: 6px; }
table { border-collapse: collapse; font-size: .9em; }
th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
.matrix td { text-align: right; padding: 3px 8px; font-variant-numeric: tabular-nums; }
.matrix th:first-child { position: sticky; left: 0; background: var(--back); }
.matrix tr:first-child th { vertical-align: bottom; padding: 3px 6px; }
.matrix tr:first-child th span { writing-mode: vertical-rl; transform: rotate(180deg); }
.key span { display: inline-block; margin-right: 14px; }
.key i { display: inline-block; width: 14px; height: 14px; margin-right: 5px; vertical-align: -2px; }
.entities p { margin: .25em 0; line-height: 1.9; } .entities .right { margin: 0 0 .6em 1.5em; color: var(--soft); }
mark { background: none; color: inherit; border: 2px solid; border-radius: 5px; padding: 0 4px;
  -webkit-box-decoration-break: clone; box-decoration-break: clone; }
mark small { color: var(--soft); margin-left: 5px; }
pre.text { background: var(--box); border-radius: 6px; padding: 8px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 13px/1.4 "DejaVu Sans Mono", monospace; margin: .3em 0; }
dl { display: grid; grid-template-columns: minmax(0, max-content) minmax(0, 1fr); gap: 2px 16px; margin: 0; }
@media (max-width: 600px) { table { font-size: .8em; } th, td { padding-right: 7px; } .matrix td { padding: 3px 5px; } }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } summary { cursor: pointer; margin: 1.6em 0 .5em;
  font-weight: bold; } footer { color: var(--soft); font-size: .85em; }
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
    Index ranks = 0;  // of the start before
    for (const RunStart& start : runs[0].curves.starts) {
      const bool is_new = start.ranks != ranks && ranks != 0;
      chart_.marks.push_back(
          {static_cast<double>(start.step), is_new ? fmt::format("{} ranks", start.ranks) : ""});
      ranks = start.ranks;
    }
  }

  FigureChart& Logarithmic() {
    chart_.logarithmic = true;
    return *this;
  }
  FigureChart& Training(const std::string& figure, const char* name = "training") {
    for (const ReportedRun& run : runs_) Add(run, Find(run.curves.training, figure), name, false);
    return *this;
  }
  FigureChart& Validation(const std::string& figure) {
    for (const ReportedRun& run : runs_) {
      Add(run, Find(run.curves.validation, figure), "validation", true);
    }
    return *this;
  }
  FigureChart& SkippedAndClippedSteps() {
    chart_.crosses = runs_[0].curves.skipped;
    constexpr std::size_t kMost = 300;
    if (chart_.crosses.size() > kMost) chart_.crosses.resize(kMost);
    chart_.ticks = runs_[0].curves.clipped;
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
  constexpr std::size_t kMost = 12;
  std::set<std::string> names;
  for (const ReportedRun& run : runs) {
    for (const auto& [name, curve] : run.curves.validation)
      if (!kCommon.contains(name) && names.size() < kMost) names.insert(name);
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

// "Micro F1", "WER", "Top 5 accuracy".
std::string TitleOf(const std::string& figure) {
  static const std::set<std::string> kShort = {"bleu", "cer", "f1",   "mae",
                                               "per",  "r2",  "rmse", "wer"};
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  std::string title;
  for (std::size_t begin = 0; begin <= figure.size();) {
    const std::size_t end = std::min(figure.find('_', begin), figure.size());
    std::string word = figure.substr(begin, end - begin);
    if (kShort.contains(word)) std::ranges::transform(word, word.begin(), upper);
    title += (begin == 0 ? "" : " ") + word;
    begin = end + 1;
  }
  if (!title.empty()) title[0] = upper(title[0]);
  return title;
}

// Of real targets, whose metric is the RMSE, the loss is an error of their scaled values.
std::string LossUnit(const std::vector<ReportedRun>& runs) {
  return runs[0].curves.validation.contains("rmse") ? "error of the scaled targets" : "nats";
}

std::string MetricUnit(const std::string& name) {
  const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
  if (has("wer") || has("error")) return "errors for each right label or word; may be above 1";
  if (has("accuracy") || has("f1") || has("rate")) return "share, 0 to 1";
  if (has("bleu")) return "0 to 1; often given times 100";
  if (has("rmse")) return "root of the mean squared error";
  if (has("perplexity")) return "mean number of equally likely choices";
  return WithBlanks(name);
}

std::string Charts(const std::vector<ReportedRun>& runs) {
  const auto chart = [&](const std::string& title, const std::string& unit) {
    return FigureChart(runs, title, unit);
  };
  std::string html = "<h2>Curves</h2>\n<div class=\"charts\">\n";
  html += chart("Loss per target", LossUnit(runs)).Training("loss").Validation("loss").Svg();
  for (const std::string& name : TaskMetrics(runs)) {
    FigureChart metric = chart(TitleOf(name), MetricUnit(name));
    if (name == "accuracy") metric.Training(name);
    html += metric.Validation(name).Svg();
  }
  html += chart("Gradient norm before clipping", "norm; ticks above: clipped, triangles: skipped")
              .Logarithmic()
              .Training("gradient_norm")
              .SkippedAndClippedSteps()
              .Svg();
  html += chart("Learning rate", "step size of the optimiser").Training("learning_rate").Svg();
  const std::string throughput = ThroughputOf(runs[0].curves);
  if (!throughput.empty())
    html += chart("Throughput", WithBlanks(throughput)).Training(throughput).Svg();
  html += chart("Time spent waiting", "share of the time, 0 to 1")
              .Training("data_wait_share", "for data")
              .Training("communication_share", "in exchanges")
              .Svg();
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
  constexpr std::size_t kMost = 200;  // the newest
  std::string rows;
  const std::size_t first = run.starts.size() - std::min(kMost, run.starts.size());
  for (const RunStart& start : std::span(run.starts).subspan(first)) {
    rows += Row({start.time, std::to_string(start.step), std::to_string(start.ranks),
                 std::to_string(start.threads), start.isa, start.version});
  }
  return Table("Starts and environment",
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
  std::vector<const ReportedRun*> configured;  // not those of other programs
  for (const ReportedRun& run : runs)
    if (!run.settings.empty()) configured.push_back(&run);
  if (configured.size() < 2) return "";
  std::set<std::string> keys;
  for (const ReportedRun* const run : configured)
    for (const auto& [key, setting] : run->settings) keys.insert(key);
  std::string rows;
  for (const std::string& key : keys) {
    std::vector<std::string> cells = {key};
    for (const ReportedRun* const run : configured) {
      const auto found = run->settings.find(key);
      cells.push_back(found == run->settings.end() ? "(no such key)" : found->second.value);
    }
    if (std::any_of(cells.begin() + 2, cells.end(), [&](auto& c) { return c != cells[1]; }))
      rows += Row(cells);
  }
  std::vector<std::string> head = {"key"};
  for (const ReportedRun* const run : configured) head.push_back(run->curves.name);
  return Table("Settings that differ", head, rows);
}

std::string Parts(const ReportParts& parts, std::size_t room) {
  std::string html;
  for (const ReportPart& part : parts) {
    const bool fits = html.size() + part.html.size() < room;
    html += fmt::format("<section><h2>{}</h2>\n{}</section>\n", XmlText(part.title),
                        fits ? part.html : "<p>Left out, because the page would be too large.</p>");
  }
  return html;
}

std::string Data(const ReportedRun& run) {
  std::string splits, labels;
  for (const ReportedRun::Split& split : run.splits) {
    const double mean =
        static_cast<double>(split.steps) / static_cast<double>(std::max<Index>(split.sequences, 1));
    splits += Row({split.name, std::to_string(split.sequences), std::to_string(split.steps),
                   fmt::format("{:.1f}", mean), std::to_string(split.longest)});
  }
  for (const auto& [name, count] : run.labels) labels += Row({name, std::to_string(count)});
  return Table("Data", {"split", "sequences", run.unit, "mean length", "longest"}, splits) +
         Table("Labels of the training split", {"label", "number"}, labels);
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
  const std::string rest = Data(run) + Starts(run.curves) + Arrays(run) + Settings(run);
  constexpr std::size_t kMostBytes = 1'950'000;
  html += Parts(run.parts, kMostBytes - std::min(kMostBytes, html.size() + rest.size()));
  html += rest;
  html += fmt::format("<footer><p>Made by lockstep {}. Times are UTC.</p></footer>\n", kVersion);
  return html + "</body></html>\n";
}

}  // namespace lockstep
