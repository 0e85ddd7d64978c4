#include "trainer/options/validation_metric.h"

#include "base/error.h"

namespace lockstep {

ValidationMetric ValidationMetricFromName(const std::string& name) {
  if (name == "loss") return ValidationMetric::kLoss;
  if (name == "accuracy") return ValidationMetric::kAccuracy;
  if (name == "wer") return ValidationMetric::kErrorRate;
  throw UsageError("validation.metric is \"{}\"; allowed are loss, accuracy and wer", name);
}

std::string ValidationMetricName(ValidationMetric metric) {
  if (metric == ValidationMetric::kLoss) return "loss";
  return metric == ValidationMetric::kAccuracy ? "accuracy" : "wer";
}

}  // namespace lockstep
