// By which figure of a validation the best one is chosen.
#pragma once

#include <string>

namespace lockstep {

enum class ValidationMetric {
  kLoss,      // the lowest loss
  kAccuracy,  // the largest share of right labels; of equal ones the first
  // The best value of the model's own metrics (Model::metrics), one of which must have that name;
  // of equal ones the first.
  kErrorRate,      // the lowest word error rate
  kMacroF1,        // the largest macro F1
  kMicroF1,        // the largest micro F1
  kFrameAccuracy,  // the largest frame-level accuracy
  kRmse,           // the lowest root mean square error
  kPerplexity,     // the lowest perplexity, which is where the loss is lowest, too
  kBleu,           // the largest BLEU of what the model writes
};

// UsageError for a name that is none.
ValidationMetric ValidationMetricFromName(const std::string& name);
std::string ValidationMetricName(ValidationMetric metric);

}  // namespace lockstep
