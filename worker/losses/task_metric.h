// Figures of merit of a task beside loss and accuracy: word error rate, F1, frame-level accuracy or
// root mean square error. Only Evaluate has to count what it needs, because that would cost time in
// each step of training.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "worker/losses/step_sums.h"
#include "worker/metrics/class_tally.h"

namespace lockstep {

struct TaskMetric {
  const char* name = "";   // in metrics.jsonl and for validation.metric: "wer", "f1", ...
  const char* shown = "";  // to people, for example "WER"
  bool greater_is_better = false;
  bool is_share = false;  // shown to people in percent
  Index classes = 0;      // of the tally that Evaluate fills; 0: it needs none
  // The metric of the sums and the tally of a whole evaluation.
  double (*of)(const StepSums& sums, const ClassTally& tally) = nullptr;
};

// The classes of the tally that these metrics need; 0: they need none.
Index TallyClasses(std::span<const TaskMetric> metrics);
// The metric of this name; null if it is not among them.
const TaskMetric* FindMetric(std::span<const TaskMetric> metrics, std::string_view name);
// "WER 12.34 %" or "RMSE 0.123456".
std::string MetricText(const TaskMetric& metric, double value);

// counts[1] / counts[2]: word errors divided by words. May exceed 1; 1 if there were no words.
TaskMetric WordErrorRateMetric();
// ClassTally::MacroF1.
TaskMetric MacroF1Metric(Index classes);
// For sets of labels, over all labels of all rows together: hits / (hits + false alarms + misses),
// the frame-level accuracy of Bay, Ehmann and Downie 2009 ("Evaluation of multiple-F0 estimation
// and tracking systems"), and 2 hits / (2 hits + false alarms + misses). 1 if there was nothing to
// find and nothing was found.
TaskMetric FrameAccuracyMetric();
TaskMetric MicroF1Metric();
// For spans of tags (span_counts.h): 2 hits / (2 hits + false alarms + misses), the harmonic mean
// of precision and recall over all types together, as conlleval prints it; 0 if nothing was found.
TaskMetric SpanF1Metric();
// exp(loss / targets), for classes: the number of equally likely classes that would be as hard to
// guess. Infinite if that is more than a double can hold.
TaskMetric PerplexityMetric();
// sqrt(squared_errors / targets): over all values together, if the targets have several columns.
TaskMetric RmseMetric();

}  // namespace lockstep
