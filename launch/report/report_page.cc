#include "launch/report/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "launch/frame/version.h"
#include "launch/output/svg_text.h"
#include "launch/output/wide_picture.h"
#include "launch/report/figure_charts.h"
#include "launch/report/page_style.h"

namespace lockstep {
namespace {

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

std::string Sources(const ReportedRun& run) {
  constexpr std::size_t kMost = 100;
  std::string rows;
  for (const ReportedRun::Source& source :
       std::span(run.sources).first(std::min(kMost, run.sources.size()))) {
    rows += Row({source.name, std::to_string(source.sequences), std::to_string(source.steps),
                 fmt::format("{:.10g}", source.reads)});
  }
  if (run.sources.size() > kMost)
    rows += Row({fmt::format("and {} more", run.sources.size() - kMost)});
  return Table("Sources of the training split",
               {"source", "sequences", run.unit, "sequences read in an epoch"}, rows);
}

std::string Data(const ReportedRun& run) {
  const char* const all = run.mixes_corpora ? ", all corpora" : "";
  std::string splits, labels;
  for (const ReportedRun::Split& split : run.splits) {
    const double mean =
        static_cast<double>(split.steps) / static_cast<double>(std::max<Index>(split.sequences, 1));
    splits += Row({split.name + (split.name == "train" ? all : ""), std::to_string(split.sequences),
                   std::to_string(split.steps), fmt::format("{:.1f}", mean),
                   std::to_string(split.longest)});
  }
  for (const auto& [name, count] : run.labels) labels += Row({name, std::to_string(count)});
  return Table("Data", {"split", "sequences", run.unit, "mean length", "longest"}, splits) +
         Sources(run) +
         Table(fmt::format("Labels of the training split{}", all), {"label", "number"}, labels);
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
      "<title>{}</title>\n{}{}</head><body>\n<h1>{}</h1>\n",
      kReportMark, XmlText(run.curves.name), kPageStyle, WidePictureStyle(),
      XmlText(run.curves.name));
  html += Facts(run);
  html += FigureCharts(runs);
  html += DifferentSettings(runs);
  const std::string rest = Data(run) + Starts(run.curves) + Arrays(run) + Settings(run);
  constexpr std::size_t kMostBytes = 1'950'000;
  html += Parts(run.parts, kMostBytes - std::min(kMostBytes, html.size() + rest.size()));
  html += rest;
  html += fmt::format("<footer><p>Made by lockstep {}. Times are UTC.</p></footer>\n", kVersion);
  return html + "</body></html>\n";
}

}  // namespace lockstep
