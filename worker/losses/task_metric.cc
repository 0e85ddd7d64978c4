#include "worker/losses/task_metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lockstep {
namespace {

double WordErrorRate(const StepSums& sums, const ClassTally& /*tally*/) {
  const Index errors = sums.counts[StepSums::kWordErrors], words = sums.counts[StepSums::kWords];
  return words == 0 ? 1 : static_cast<double>(errors) / static_cast<double>(words);
}

double MacroF1(const StepSums& /*sums*/, const ClassTally& tally) { return tally.MacroF1(); }

// hits * weight / (hits * weight + errors).
double ShareOfHits(const StepSums& sums, double weight) {
  const double hits = weight * static_cast<double>(sums.counts[StepSums::kHits]);
  const Index errors = sums.counts[StepSums::kFalseAlarms] + sums.counts[StepSums::kMisses];
  return hits + static_cast<double>(errors) == 0 ? 1 : hits / (hits + static_cast<double>(errors));
}

double FrameAccuracy(const StepSums& sums, const ClassTally& /*tally*/) {
  return ShareOfHits(sums, 1);
}

double MicroF1(const StepSums& sums, const ClassTally& /*tally*/) { return ShareOfHits(sums, 2); }

double SpanF1(const StepSums& sums, const ClassTally& /*tally*/) {
  return sums.counts[StepSums::kHits] == 0 ? 0 : ShareOfHits(sums, 2);
}

double Perplexity(const StepSums& sums, const ClassTally& /*tally*/) {
  return std::exp(sums.loss / static_cast<double>(std::max<Index>(1, sums.targets)));
}

double Rmse(const StepSums& sums, const ClassTally& /*tally*/) {
  return std::sqrt(sums.squared_errors / static_cast<double>(sums.targets));
}

}  // namespace

Index TallyClasses(std::span<const TaskMetric> metrics) {
  Index classes = 0;
  for (const TaskMetric& metric : metrics) classes = std::max(classes, metric.classes);
  return classes;
}

const TaskMetric* FindMetric(std::span<const TaskMetric> metrics, std::string_view name) {
  const auto found =
      std::ranges::find_if(metrics, [&](const TaskMetric& m) { return m.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

std::string MetricText(const TaskMetric& metric, double value) {
  return metric.is_share ? fmt::format("{} {:.2f} %", metric.shown, 100 * value)
                         : fmt::format("{} {:.6g}", metric.shown, value);
}

TaskMetric WordErrorRateMetric() {
  return {.name = "wer", .shown = "WER", .is_share = true, .of = WordErrorRate};
}

TaskMetric MacroF1Metric(Index classes) {
  return {.name = "f1",
          .shown = "macro F1",
          .greater_is_better = true,
          .is_share = true,
          .classes = classes,
          .of = MacroF1};
}

TaskMetric FrameAccuracyMetric() {
  return {.name = "frame_accuracy",
          .shown = "frame accuracy",
          .greater_is_better = true,
          .is_share = true,
          .of = FrameAccuracy};
}

TaskMetric MicroF1Metric() {
  return {.name = "micro_f1",
          .shown = "micro F1",
          .greater_is_better = true,
          .is_share = true,
          .of = MicroF1};
}

TaskMetric SpanF1Metric() {
  return {.name = "f1",
          .shown = "entity F1",
          .greater_is_better = true,
          .is_share = true,
          .of = SpanF1};
}

TaskMetric PerplexityMetric() {
  return {.name = "perplexity", .shown = "perplexity", .of = Perplexity};
}

TaskMetric RmseMetric() { return {.name = "rmse", .shown = "RMSE", .of = Rmse}; }

}  // namespace lockstep
