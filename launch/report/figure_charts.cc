#include "launch/report/figure_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "launch/report/line_chart.h"

namespace lockstep {
namespace {

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
          {static_cast<double>(start.step),
           is_new ? fmt::format("{} rank{}", start.ranks, start.ranks == 1 ? "" : "s") : ""});
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

// Runs with real targets, which are those with an RMSE among their validations, have a loss that is
// the error of scaled targets; all other losses are negative logarithms of probabilities.
std::string LossUnit(const std::vector<ReportedRun>& runs) {
  return runs[0].curves.validation.contains("rmse") ? "error of the scaled targets" : "nats";
}

std::string MetricUnit(const std::string& name) {
  const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
  if (has("wer") || has("error")) return "errors for each right label or word; may be above 1";
  if (has("accuracy") || has("f1") || has("rate")) return "share, 0 to 1";
  if (has("bleu")) return "0 to 1; often given times 100";
  if (has("rmse")) return "root of the mean squared error, in the units of the targets";
  if (has("perplexity")) return "mean number of equally likely choices";
  return WithBlanks(name);
}

}  // namespace

std::string FigureCharts(const std::vector<ReportedRun>& runs) {
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

}  // namespace lockstep
