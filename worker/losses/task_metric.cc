#include "worker/losses/task_metric.h"

#include <fmt/format.h>

#include <cmath>

namespace lockstep {
namespace {

double WordErrorRate(const StepSums& sums, const ClassTally& /*tally*/) {
  const Index errors = sums.counts[StepSums::kWordErrors], words = sums.counts[StepSums::kWords];
  return words == 0 ? 1 : static_cast<double>(errors) / static_cast<double>(words);
}

double MacroF1(const StepSums& /*sums*/, const ClassTally& tally) { return tally.MacroF1(); }

double Rmse(const StepSums& sums, const ClassTally& /*tally*/) {
  return std::sqrt(sums.squared_errors / static_cast<double>(sums.targets));
}

}  // namespace

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

TaskMetric RmseMetric() { return {.name = "rmse", .shown = "RMSE", .of = Rmse}; }

}  // namespace lockstep
