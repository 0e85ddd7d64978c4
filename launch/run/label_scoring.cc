// The scoring of corpora whose field has no figures of its own.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json_text.h"
#include "launch/run/class_report.h"
#include "launch/run/label_set_report.h"
#include "launch/run/regression_report.h"
#include "launch/run/scoring.h"

namespace lockstep {
namespace {

// Accuracies to compare a model with.
struct Reference {
  double majority = 0;  // of always naming the most frequent class
  double bayes = -1;    // of the best possible classifier, where the corpus knows it
  std::optional<double> frequencies = {};  // loss by the frequencies of labels, for sets of labels
};

Reference ReferenceOf(const CorpusInfo& corpus, const std::string& split) {
  Reference reference;
  const std::vector<Index>& counts = corpus.Split(split).label_counts;
  Index sum = 0, most = 0;
  for (Index count : counts) {
    sum += count;
    most = std::max(most, count);
  }
  if (sum > 0) reference.majority = static_cast<double>(most) / static_cast<double>(sum);
  const nlohmann::json provenance = ParseJsonOrDiscard(corpus.provenance);
  const auto bayes = provenance.find("bayes_accuracy");
  if (split == "test" && bayes != provenance.end() && bayes->is_number()) reference.bayes = *bayes;
  return reference;
}

class LabelScoring : public Scoring {
 public:
  void Score(const Communicator& comm, const SplitTest& test) override {
    counts_ = !test.trained->model->counts().empty();
    metrics_ = test.trained->model->metrics();
    if (FindMetric(metrics_, MicroF1Metric().name) != nullptr)
      sets_.emplace(test.corpus->classes());
    reference_ = ReferenceOf(*test.corpus, test.split);
    if (test.corpus->overlap == 0) cut_steps_ = test.trained->stream.plan.cut_steps;
    if (sets_ && test.corpus->splits.count("train") > 0)
      reference_.frequencies = FrequencyLoss(*test.corpus, test.split);
    const Field& target = test.corpus->target();
    if (target.is_real()) {
      reals_ = ReportRegression(comm, test.folder, *test.corpus, test.split, *test.trained,
                                test.threads);
    }
    const bool in_rows =
        target.alignment == Alignment::kSequence || target.alignment == Alignment::kStep;
    if (!in_rows || target.is_real()) return;
    classes_ =
        ReportClasses(comm, test.folder, *test.corpus, test.split, *test.trained, test.threads);
  }

  nlohmann::ordered_json Fields(const Evaluation& found) const override {
    nlohmann::ordered_json json;
    if (counts_) json["accuracy"] = Accuracy(found);
    json.update({{"loss", found.loss}, {"labels", found.sums.targets}});
    if (counts_) json["correct"] = Correct(found);
    json["sequences"] = found.sequences;
    if (sets_) {
      for (const TaskMetric& metric : metrics_) {
        // As class_report.h calls it.
        const std::string name =
            std::string_view(metric.name) == MacroF1Metric(0).name ? "macro_f1" : metric.name;
        json[name] = MetricOf(metric, found);
      }
      if (reference_.frequencies) json["frequency_loss"] = *reference_.frequencies;
      json.update(sets_->ToJson(found.tally));
      return json;
    }
    if (counts_) json["majority_accuracy"] = reference_.majority;
    if (classes_) json.update(classes_->ToJson());
    if (reals_) {
      json["rmse"] = Rmse(found);
      json.update(reals_->ToJson());
    }
    if (reference_.bayes >= 0) json["bayes_accuracy"] = reference_.bayes;
    return json;
  }

  std::string Text(const Evaluation& found) const override {
    if (!counts_) {
      const std::string loss =
          fmt::format("loss {:.6g} per target ({} targets)", found.loss, found.sums.targets);
      if (!reals_) return loss + CutText() + "\n";
      return fmt::format("{}, {} over all values{}\n{}", loss, MetricText(metrics_[0], Rmse(found)),
                         CutText(), reals_->ToText());
    }
    if (sets_) return sets_->ToText(found, metrics_) + FrequencyText();
    std::string text = fmt::format(
        "accuracy {:.3f} % ({} of {} labels), loss {:.4f} nats{}\nalways naming the most frequent "
        "class: {:.3f} %\n",
        100 * Accuracy(found), Correct(found), found.sums.targets, found.loss, CutText(),
        100 * reference_.majority);
    if (classes_) text += classes_->ToText();
    return text + BayesText(found);
  }

 private:
  // Right labels of whole samples, like all figures of classes. The loss is that of validations,
  // which cut long samples with data.cut_steps.
  Index Correct(const Evaluation& found) const {
    return classes_ && cut_steps_ > 0 ? classes_->Correct() : found.sums.counts[0];
  }
  double Accuracy(const Evaluation& found) const {
    return static_cast<double>(Correct(found)) / static_cast<double>(found.sums.targets);
  }
  // What the figures of `Evaluation` are of, where it is not whole samples.
  std::string CutText() const {
    if (cut_steps_ == 0) return "";
    return fmt::format(" (of pieces of {} steps, data.cut_steps, as in validations)", cut_steps_);
  }
  // The figure of validations, over the values of all targets.
  double Rmse(const Evaluation& found) const { return MetricOf(metrics_[0], found); }
  // Empty where the corpus has no training split.
  std::string FrequencyText() const {
    if (!reference_.frequencies) return "";
    return fmt::format("each label by its frequency in training: {:.4f} nats\n",
                       *reference_.frequencies);
  }
  // Empty where the corpus does not know the best possible accuracy.
  std::string BayesText(const Evaluation& found) const {
    if (reference_.bayes <= reference_.majority) return "";
    const double reached =
        (Accuracy(found) - reference_.majority) / (reference_.bayes - reference_.majority);
    return fmt::format("best possible (Bayes): {:.3f} %; {:.1f} % of its margin reached\n",
                       100 * reference_.bayes, 100 * reached);
  }

  Index cut_steps_ = 0;  // the loss is of pieces of so many steps; 0: of whole samples
  bool counts_ = false;  // the model counts right labels
  std::vector<TaskMetric> metrics_;
  Reference reference_;
  std::optional<ClassReport> classes_;
  std::optional<RegressionReport> reals_;
  std::optional<LabelSetReport> sets_;
};

}  // namespace

std::unique_ptr<Scoring> MakeLabelScoring() { return std::make_unique<LabelScoring>(); }

}  // namespace lockstep
