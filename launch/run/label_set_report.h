// The results of a model of sets of labels on a split, such as the notes of each step: the loss,
// the figures over all labels, and precision, recall and F1 of each label. All of them come from
// the sums of EvaluateSplit, so they are the figures of validations.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "trainer/evaluation/evaluator.h"

namespace lockstep {

class LabelSetReport {
 public:
  // `labels` are the names of the ids of the target.
  explicit LabelSetReport(std::vector<std::string> labels) : labels_(std::move(labels)) {}

  // {"labels_by_name": [{"name": ..., "count": ..., "precision": ..., "recall": ..., "f1": ...}]}:
  // the labels that occur or were found, in the order of their ids.
  nlohmann::ordered_json ToJson(const ClassTally& tally) const;
  // Two lines: the loss per set, and the metrics of the model.
  std::string ToText(const Evaluation& found, std::span<const TaskMetric> metrics) const;

 private:
  std::vector<std::string> labels_;
};

// The loss per set, in nats, of giving each label the probability with which it occurs in the sets
// of the training split, (its sets + 1/2) / (sets + 1): what any model must beat. The target of the
// corpus must be a list of ids per step or per sequence.
double FrequencyLoss(const CorpusInfo& corpus, const std::string& split);

// The value of a metric for a split.
double MetricOf(const TaskMetric& metric, const Evaluation& found);

}  // namespace lockstep
