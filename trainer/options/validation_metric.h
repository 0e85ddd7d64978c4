// By which figure of a validation the best one is chosen.
#pragma once

#include <string>

namespace lockstep {

enum class ValidationMetric {
  kLoss,       // the lowest loss
  kAccuracy,   // the largest share of right labels; of equal ones the first
  kErrorRate,  // the lowest error rate of the model (Model::error_rate); of equal ones the first
};

// UsageError for a name that is none.
ValidationMetric ValidationMetricFromName(const std::string& name);
std::string ValidationMetricName(ValidationMetric metric);

}  // namespace lockstep
