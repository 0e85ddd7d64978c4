#include "launch/report/watch_screen.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/characters.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

constexpr int kFewestRows = 4, kUsualRows = 8, kMostRows = 14;

// Figures that say how the run was measured, not what came of it.
const std::set<std::string>& PlainFigures() {
  static const std::set<std::string> kPlain = {"epoch", "labels", "samples", "seconds",
                                               "sequences"};
  return kPlain;
}

const Curve* Find(const std::map<std::string, Curve>& curves, const std::string& name) {
  const auto found = curves.find(name);
  return found == curves.end() ? nullptr : &found->second;
}

std::string LastOf(const Curve* curve) {
  return curve == nullptr || curve->values.empty() ? ""
                                                   : fmt::format("{:.4g}", curve->values.back());
}

// The loss first, then what validations measure.
std::vector<std::string> CurvesToShow(const RunCurves& run, const WatchScreen& screen) {
  std::set<std::string> known;
  for (const auto* curves : {&run.training, &run.validation})
    for (const auto& [name, curve] : *curves) known.insert(name);
  for (const std::string& name : screen.figures) {
    if (known.contains(name) || known.empty()) continue;
    throw UsageError("--figures names {}, which run {} does not have; it has: {}", Printable(name),
                     screen.run_folder, fmt::join(known, ", "));
  }
  if (!screen.figures.empty()) return screen.figures;
  std::vector<std::string> names = {"loss"};
  for (const auto& [name, curve] : run.validation)
    if (name != "loss" && !PlainFigures().contains(name)) names.push_back(name);
  return names;
}

// The validation that the run counts as its best.
std::string BestText(const RunCurves& run) {
  const Curve* const loss = Find(run.validation, "loss");
  if (run.best_step < 0 || loss == nullptr) return "";
  const auto at = std::ranges::find(loss->steps, run.best_step);
  if (at == loss->steps.end()) return "";
  return fmt::format("; best validation at step {:.0f}: loss {:.4g}", run.best_step,
                     loss->values[static_cast<std::size_t>(at - loss->steps.begin())]);
}

std::string Age(const RunCurves& run, const WatchScreen& screen) {
  if (screen.is_done) return "done";
  if (run.last_seconds == 0) return "nothing logged yet";
  const double age = std::max(0.0, screen.now - run.last_seconds);
  return fmt::format("last line {} ago", DurationText(age));
}

// done.json knows the end of a run; metrics.jsonl has every log.every-th step only.
double LastStep(const RunCurves& run, const WatchScreen& screen) {
  return screen.done_step >= 0 ? static_cast<double>(screen.done_step) : run.last_step;
}

std::string LastEpoch(const RunCurves& run, const WatchScreen& screen) {
  if (screen.done_epoch >= 0) return fmt::format("{}", screen.done_epoch);
  return LastOf(Find(run.training, "epoch"));
}

std::string Summary(const RunCurves& run, const WatchScreen& screen) {
  const double step = LastStep(run, screen);
  std::string text = fmt::format("{}: step {:.0f}", WithoutControls(run.name), step);
  if (screen.last_step > 0) {
    const double share = step / static_cast<double>(screen.last_step);
    text += fmt::format("/{} ({:.0f}%)", screen.last_step, std::floor(100 * std::min(1.0, share)));
  }
  if (const std::string epoch = LastEpoch(run, screen); !epoch.empty()) text += ", epoch " + epoch;
  if (screen.last_epoch > 0) text += fmt::format(" of {}", screen.last_epoch);
  return text + ", " + Age(run, screen) + BestText(run);
}

// "gradient_norm 0.12  learning_rate 0.001": the last values of figures without a curve.
std::string OtherFigures(const RunCurves& run, const std::vector<std::string>& shown) {
  std::string text;
  for (const auto& [name, curve] : run.training) {
    if (std::ranges::find(shown, name) != shown.end() || PlainFigures().contains(name)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, LastOf(&curve));
  }
  return text;
}

std::string Title(const RunCurves& run, const std::string& name) {
  std::string title = name;
  if (const std::string last = LastOf(Find(run.training, name)); !last.empty())
    title += "  training " + last;
  if (const std::string last = LastOf(Find(run.validation, name)); !last.empty())
    title += "  validation (o) " + last;
  return title;
}

// Charts that fit into `room` lines with the fewest rows each, and at least one.
struct FittingCharts {
  std::size_t count = 0;
  int lines_around = 0;  // of their titles and horizontal axes
};
FittingCharts Fit(const std::vector<TextChart>& charts, int columns, int room) {
  FittingCharts fit;
  for (const TextChart& chart : charts) {
    const auto around = static_cast<int>(FittedLines(chart.title, columns).size()) + 1;
    const int rows = static_cast<int>(fit.count + 1) * kFewestRows;
    if (fit.count > 0 && rows + fit.lines_around + around > room) break;
    fit.lines_around += around;
    ++fit.count;
  }
  return fit;
}

}  // namespace

std::vector<std::string> DrawWatchScreen(const RunCurves& run, const WatchScreen& screen) {
  const std::vector<std::string> names = CurvesToShow(run, screen);
  const int columns = screen.style.columns;
  std::vector<std::string> lines = FittedLines(Summary(run, screen), columns);
  std::vector<std::string> other = FittedLines(OtherFigures(run, names), columns);
  if (other[0].empty()) other.clear();  // all figures have a curve
  std::vector<TextChart> charts;
  for (const std::string& name : names)
    charts.push_back({Title(run, name), Find(run.training, name), Find(run.validation, name)});
  TextChartStyle style = screen.style;
  style.rows = kUsualRows;
  if (screen.rows > 0) {
    const int room = screen.rows - static_cast<int>(lines.size() + other.size()) - 1;
    const FittingCharts fit = Fit(charts, columns, room);
    charts.resize(fit.count);
    const int rows = (room - fit.lines_around) / static_cast<int>(fit.count);
    style.rows = std::clamp(rows, kFewestRows, kMostRows);
  }
  for (const TextChart& chart : charts)
    for (std::string& line : DrawTextChart(chart, style)) lines.push_back(std::move(line));
  lines.insert(lines.end(), other.begin(), other.end());
  if (screen.rows > 1 && std::ssize(lines) >= screen.rows)
    lines.resize(static_cast<std::size_t>(screen.rows - 1));
  return lines;
}

}  // namespace lockstep
