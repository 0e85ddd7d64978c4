#include "trainer/options/validation_metric.h"

#include "base/error.h"

namespace lockstep {

ValidationMetric ValidationMetricFromName(const std::string& name) {
  if (name == "loss") return ValidationMetric::kLoss;
  if (name == "accuracy") return ValidationMetric::kAccuracy;
  throw UsageError("validation.metric is \"{}\"; allowed are loss and accuracy", name);
}

std::string ValidationMetricName(ValidationMetric metric) {
  return metric == ValidationMetric::kLoss ? "loss" : "accuracy";
}

}  // namespace lockstep
