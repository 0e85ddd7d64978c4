#include "launch/run/label_set_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace lockstep {
namespace {

// Sets of labels in a split: one per step, or one per sequence.
double SetsOf(const CorpusInfo& corpus, const SplitInfo& split) {
  const bool per_step = corpus.target().alignment == Alignment::kListInStep;
  return static_cast<double>(per_step ? split.steps : split.sequences);
}

}  // namespace

nlohmann::ordered_json LabelSetReport::ToJson(const ClassTally& tally) const {
  auto rows = nlohmann::ordered_json::array();
  for (Index label = 0; label < tally.classes(); ++label) {
    if (tally.truths(label) == 0 && tally.founds(label) == 0) continue;
    rows.push_back({{"name", labels_[static_cast<std::size_t>(label)]},
                    {"count", tally.truths(label)},
                    {"precision", tally.Precision(label)},
                    {"recall", tally.Recall(label)},
                    {"f1", tally.F1(label)}});
  }
  nlohmann::ordered_json json;
  json["labels_by_name"] = rows;
  return json;
}

std::string LabelSetReport::ToText(const Evaluation& found,
                                   std::span<const TaskMetric> metrics) const {
  std::string text = fmt::format(
      "loss {:.4f} nats per set of labels, summed over {} labels ({} sets in {} sequences), sets "
      "without an error {:.2f} %\n",
      found.loss, labels_.size(), found.sums.targets, found.sequences, 100 * found.Share(0));
  for (const TaskMetric& metric : metrics) {
    text += (&metric == metrics.data() ? "" : ", ") + MetricText(metric, MetricOf(metric, found));
  }
  return text + " (a label is found where its probability is above 0.5)\n";
}

double FrequencyLoss(const CorpusInfo& corpus, const std::string& split) {
  const SplitInfo& train = corpus.Split("train");
  const SplitInfo& tested = corpus.Split(split);
  const double train_sets = SetsOf(corpus, train), sets = SetsOf(corpus, tested);
  const std::size_t first = corpus.target().alignment == Alignment::kList ? 1 : 0;
  double loss = 0;
  for (std::size_t label = first; label < train.label_counts.size(); ++label) {
    const double p = (static_cast<double>(train.label_counts[label]) + 0.5) / (train_sets + 1);
    const auto count = static_cast<double>(tested.label_counts[label]);
    loss -= count * std::log(p) + (sets - count) * std::log1p(-p);
  }
  return loss / sets;
}

double MetricOf(const TaskMetric& metric, const Evaluation& found) {
  return metric.of(found.sums, found.tally);
}

}  // namespace lockstep
