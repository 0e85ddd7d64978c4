#include "worker/heads/step_loss.h"

#include <array>
#include <cmath>

#include "base/error.h"
#include "worker/losses/ctc_loss.h"
#include "worker/losses/word_errors.h"

namespace lockstep {
namespace {

template <typename S>
class RowStepLoss : public StepLoss<S> {
 public:
  RowStepLoss(std::size_t target, std::unique_ptr<RowLoss<S>> loss)
      : target_(target), loss_(std::move(loss)) {}
  Index width() const override { return loss_->width(); }
  bool takes_blocks() const override { return true; }
  void SetGradient(const SlotBatch& batch, const RowBlock& rows, S* outputs,
                   Workspace* /*workspace*/, StepSums* sums) const override {
    loss_->SetGradient(batch.fields[target_], rows, outputs, sums);
  }
  void AddLoss(const SlotBatch& batch, const RowBlock& rows, const S* outputs,
               Workspace* /*workspace*/, StepSums* sums, ClassTally* tally) const override {
    loss_->AddLoss(batch.fields[target_], rows, outputs, sums, tally);
  }
  Index WorkspaceBytes(const SlotBounds& /*bounds*/) const override { return 0; }
  double UntrainedLoss() const override { return loss_->UntrainedLoss(); }
  std::span<const char* const> counts() const override { return loss_->counts(); }
  std::vector<TaskMetric> metrics() const override { return loss_->metrics(); }
  bool labels_must_fit() const override { return false; }
  bool takes_parts() const override { return true; }

 private:
  std::size_t target_;
  std::unique_ptr<RowLoss<S>> loss_;
};

template <typename S>
class CtcStepLoss : public StepLoss<S> {
 public:
  CtcStepLoss(std::size_t target, Index classes, std::vector<std::string> label_texts)
      : target_(target), classes_(classes), words_(std::move(label_texts)) {}
  Index width() const override { return classes_; }
  bool takes_blocks() const override { return false; }
  void SetGradient(const SlotBatch& batch, const RowBlock& rows, S* outputs, Workspace* workspace,
                   StepSums* sums) const override {
    LOCKSTEP_CHECK_EQ(rows.count, batch.layout.rows());
    const FieldBatch& labels = batch.fields[target_];
    *sums = CtcLoss<S>(batch.layout, labels.ids, labels.offsets, classes_, outputs, workspace);
  }
  void AddLoss(const SlotBatch& batch, const RowBlock& rows, const S* outputs, Workspace* workspace,
               StepSums* sums, ClassTally* /*tally*/) const override {
    LOCKSTEP_CHECK_EQ(rows.count, batch.layout.rows());
    const FieldBatch& labels = batch.fields[target_];
    ErrorCounts words;
    *sums = CtcLossOnly<S>(
        batch.layout, labels.ids, labels.offsets, classes_, outputs, workspace,
        [&](std::span<const std::int32_t> sequence, std::span<const std::int32_t> read) {
          if (words_.counts()) words += words_.Count(sequence, read);
        });
    sums->counts[StepSums::kWordErrors] = words.errors();
    sums->counts[StepSums::kWords] = words.reference_tokens();
  }
  Index WorkspaceBytes(const SlotBounds& bounds) const override {
    return CtcWorkspaceBytes(bounds.steps, bounds.longest[target_], classes_);
  }
  double UntrainedLoss() const override { return std::log(static_cast<double>(classes_)); }
  std::span<const char* const> counts() const override {
    static constexpr std::array<const char*, 1> kNames = {"correct"};
    return kNames;
  }
  std::vector<TaskMetric> metrics() const override {
    if (!words_.counts()) return {};
    return {WordErrorRateMetric()};
  }
  bool labels_must_fit() const override { return true; }
  bool takes_parts() const override { return false; }

 private:
  std::size_t target_;
  Index classes_;
  WordErrors words_;
};

}  // namespace

template <typename S>
std::unique_ptr<StepLoss<S>> MakeRowStepLoss(std::size_t target, std::unique_ptr<RowLoss<S>> loss) {
  return std::make_unique<RowStepLoss<S>>(target, std::move(loss));
}
template <typename S>
std::unique_ptr<StepLoss<S>> MakeCtcStepLoss(std::size_t target, Index classes,
                                             std::vector<std::string> label_texts) {
  return std::make_unique<CtcStepLoss<S>>(target, classes, std::move(label_texts));
}

template std::unique_ptr<StepLoss<float>> MakeRowStepLoss(std::size_t,
                                                          std::unique_ptr<RowLoss<float>>);
template std::unique_ptr<StepLoss<double>> MakeRowStepLoss(std::size_t,
                                                           std::unique_ptr<RowLoss<double>>);
template std::unique_ptr<StepLoss<float>> MakeCtcStepLoss(std::size_t, Index,
                                                          std::vector<std::string>);
template std::unique_ptr<StepLoss<double>> MakeCtcStepLoss(std::size_t, Index,
                                                           std::vector<std::string>);

}  // namespace lockstep
