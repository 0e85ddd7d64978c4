// The loss of tags of spans: a softmax for each step, whose tags are chosen together afterwards.
#include <algorithm>
#include <vector>

#include "base/error.h"
#include "data/batch/span_tags.h"
#include "worker/heads/step_loss.h"
#include "worker/losses/crf_loss.h"
#include "worker/losses/crf_marginals.h"
#include "worker/losses/span_counts.h"

namespace lockstep {
namespace {

template <typename S>
class TagStepLoss : public StepLoss<S> {
 public:
  TagStepLoss(std::size_t target, const Vocabulary& tags, SpanTags spans,
              std::unique_ptr<RowLoss<S>> loss)
      : target_(target),
        rules_(static_cast<Index>(tags.names.size()), tags.order),
        spans_(std::move(spans)),
        no_scores_(tags.names.size() * tags.names.size()),
        loss_(std::move(loss)) {}

  Index width() const override { return loss_->width(); }
  bool takes_blocks() const override { return false; }
  void SetGradient(const SlotBatch& batch, const RowBlock& rows, S* outputs,
                   Workspace* /*workspace*/, StepSums* sums) const override {
    loss_->SetGradient(batch.fields[target_], rows, outputs, sums);
  }
  void AddLoss(const SlotBatch& batch, const RowBlock& rows, const S* outputs, Workspace* workspace,
               StepSums* sums, ClassTally* /*tally*/) const override {
    loss_->AddLoss(batch.fields[target_], rows, outputs, sums, nullptr);
    sums->counts[0] = 0;  // those of the largest outputs
    const Index mark = workspace->used_bytes();
    std::int32_t* const labels = workspace->Take<std::int32_t>(batch.layout.rows());
    ChooseLabels(batch.layout, outputs, labels, workspace);
    Count(batch, labels, workspace, sums);
    workspace->Rewind(mark);
  }
  bool chooses_labels() const override { return true; }
  void ChooseLabels(const PackedLayout& layout, const S* outputs, std::int32_t* labels,
                    Workspace* workspace) const override {
    const S* const zeros = no_scores_.data();
    CrfBestLabels<S>(layout, rules_, {zeros, zeros, zeros}, outputs, labels, workspace);
  }
  Index WorkspaceBytes(const SlotBounds& bounds) const override {
    return Workspace::BytesFor<std::int32_t>(bounds.rows) +
           2 * Workspace::BytesFor<std::int32_t>(bounds.steps) +
           CrfWorkspaceBytes(bounds.steps, rules_.classes);
  }
  double UntrainedLoss() const override { return loss_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return loss_->counts(); }
  std::vector<TaskMetric> metrics() const override { return {SpanF1Metric()}; }
  bool labels_must_fit() const override { return false; }
  // A span may reach over the border of two parts.
  bool takes_parts() const override { return false; }

 private:
  // Adds the right tags and the spans of each sequence.
  void Count(const SlotBatch& batch, const std::int32_t* labels, Workspace* workspace,
             StepSums* sums) const {
    std::int32_t* const known = workspace->Take<std::int32_t>(batch.layout.steps());
    std::int32_t* const found = workspace->Take<std::int32_t>(batch.layout.steps());
    for (Index b = 0; b < batch.layout.sequences(); ++b) {
      const Index steps = batch.layout.Length(b);
      for (Index t = 0; t < steps; ++t) {
        const Index row = batch.layout.Row(t, b);
        known[t] = batch.fields[target_].ids[static_cast<std::size_t>(row)];
        found[t] = labels[row];
        sums->counts[0] += known[t] >= 0 && known[t] == found[t] ? 1 : 0;
      }
      const auto count = static_cast<std::size_t>(steps);
      CountSpans(spans_, {known, count}, {found, count}, sums);
    }
  }

  std::size_t target_;
  CrfRules rules_;
  SpanTags spans_;
  std::vector<S> no_scores_;  // [classes, classes], zeros: of transitions, start and end
  std::unique_ptr<RowLoss<S>> loss_;
};

}  // namespace

template <typename S>
std::unique_ptr<StepLoss<S>> MakeTagStepLoss(std::size_t target, const Vocabulary& tags,
                                             std::unique_ptr<RowLoss<S>> loss) {
  auto spans = SpanTags::Of(tags);
  if (!spans) throw UsageError("the vocabulary \"{}\" has no tags of spans", tags.name);
  return std::make_unique<TagStepLoss<S>>(target, tags, std::move(*spans), std::move(loss));
}

template std::unique_ptr<StepLoss<float>> MakeTagStepLoss(std::size_t, const Vocabulary&,
                                                          std::unique_ptr<RowLoss<float>>);
template std::unique_ptr<StepLoss<double>> MakeTagStepLoss(std::size_t, const Vocabulary&,
                                                           std::unique_ptr<RowLoss<double>>);

}  // namespace lockstep
