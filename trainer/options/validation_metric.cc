#include "trainer/options/validation_metric.h"

#include <array>
#include <utility>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::array<std::pair<ValidationMetric, const char*>, 9> kNames = {{
    {ValidationMetric::kLoss, "loss"},
    {ValidationMetric::kAccuracy, "accuracy"},
    {ValidationMetric::kErrorRate, "wer"},
    {ValidationMetric::kMacroF1, "f1"},
    {ValidationMetric::kMicroF1, "micro_f1"},
    {ValidationMetric::kFrameAccuracy, "frame_accuracy"},
    {ValidationMetric::kRmse, "rmse"},
    {ValidationMetric::kPerplexity, "perplexity"},
    {ValidationMetric::kBleu, "bleu"},
}};

}  // namespace

ValidationMetric ValidationMetricFromName(const std::string& name) {
  for (const auto& [metric, known] : kNames) {
    if (name == known) return metric;
  }
  throw UsageError(
      "validation.metric is \"{}\"; allowed are loss, accuracy, wer, f1, micro_f1, "
      "frame_accuracy, rmse, perplexity and bleu",
      name);
}

std::string ValidationMetricName(ValidationMetric metric) {
  for (const auto& [known, name] : kNames) {
    if (metric == known) return name;
  }
  return "";
}

}  // namespace lockstep
