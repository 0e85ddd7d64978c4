#include "worker/losses/sigmoid_loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace lockstep {
namespace {

// The labels of a row, as a span of the targets.
using LabelSet = std::span<const std::int32_t>;

// Calls use(label) once for each label of the set. Sets are small, so that looking back for a
// label that was named before is cheaper than a table.
template <typename Use>
void ForEachLabel(LabelSet set, const Use& use) {
  for (auto at = set.begin(); at != set.end(); ++at) {
    if (std::find(set.begin(), at, *at) == at) use(static_cast<Index>(*at));
  }
}

bool IsFound(double x) { return x > 0; }

bool Contains(LabelSet set, Index k) { return std::find(set.begin(), set.end(), k) != set.end(); }

// Equation (2) for the labels from `first` on. Its first and last term are one: the distance by
// which an output lies on the wrong side of zero; as two, large outputs that are right would cancel
// the digits of the others. The logarithms of a few hundred factors of at most 2 are taken
// together: one logarithm costs as much as several labels.
template <typename S>
double LossOfRow(LabelSet set, Index first, Index labels, const S* x) {
  constexpr Index kFactors = 512;  // their product is at most 2^512, which a double holds
  double loss = 0;
  for (Index begin = first; begin < labels; begin += kFactors) {
    double product = 1;
    for (Index k = begin; k < std::min(begin + kFactors, labels); ++k) {
      if (x[k] > 0 && !Contains(set, k)) loss += static_cast<double>(x[k]);
      product *= 1 + static_cast<double>(std::exp(-std::abs(x[k])));
    }
    loss += std::log(product);
  }
  ForEachLabel(set, [&](Index k) { loss += std::max(-static_cast<double>(x[k]), 0.0); });
  return loss;
}

template <typename S>
S Sigmoid(S x) {
  const S e = std::exp(-std::abs(x));
  return (x >= 0 ? S{1} : e) / (S{1} + e);
}

template <typename S>
class SigmoidLoss : public RowLoss<S> {
 public:
  SigmoidLoss(Index labels, Index first) : labels_(labels), first_(first) {
    LOCKSTEP_CHECK(0 <= first && first < labels);
  }
  Index width() const override { return labels_; }

  void SetGradient(const FieldBatch& targets, const RowBlock& rows, S* outputs,
                   StepSums* sums) const override {
    AddLoss(targets, rows, outputs, sums, nullptr);
    for (Index row = 0; row < rows.count; ++row) {
      S* const x = outputs + row * labels_;
      std::fill_n(x, first_, S{0});
      std::transform(x + first_, x + labels_, x + first_, Sigmoid<S>);
      ForEachLabel(SetOf(targets, rows.first + row), [&](Index k) { x[k] -= S{1}; });
    }
  }

  void AddLoss(const FieldBatch& targets, const RowBlock& rows, const S* outputs, StepSums* sums,
               ClassTally* tally) const override {
    LOCKSTEP_CHECK(rows.first + rows.count < static_cast<Index>(targets.offsets.size()));
    for (Index row = 0; row < rows.count; ++row) {
      const LabelSet set = SetOf(targets, rows.first + row);
      AddRow(set, outputs + row * labels_, sums);
      if (tally != nullptr) AddToTally(set, outputs + row * labels_, tally);
    }
  }

  double UntrainedLoss() const override {
    return static_cast<double>(labels_ - first_) * std::numbers::ln2;
  }
  std::span<const char* const> counts() const override {
    static constexpr std::array<const char*, 1> kNames = {"correct"};
    return kNames;
  }
  std::vector<TaskMetric> metrics() const override {
    return {FrameAccuracyMetric(), MicroF1Metric(), MacroF1Metric(labels_)};
  }

 private:
  static LabelSet SetOf(const FieldBatch& targets, Index row) {
    const Index begin = targets.offsets[static_cast<std::size_t>(row)];
    const Index end = targets.offsets[static_cast<std::size_t>(row) + 1];
    return LabelSet(targets.ids)
        .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  }

  void AddRow(LabelSet set, const S* x, StepSums* sums) const {
    Index hits = 0, truths = 0;
    ForEachLabel(set, [&](Index k) {
      truths += 1;
      hits += IsFound(static_cast<double>(x[k])) ? 1 : 0;
    });
    const Index found = std::count_if(x + first_, x + labels_,
                                      [](S value) { return IsFound(static_cast<double>(value)); });
    sums->loss += LossOfRow(set, first_, labels_, x);
    sums->targets += 1;
    sums->counts[0] += hits == truths && hits == found ? 1 : 0;
    sums->counts[StepSums::kHits] += hits;
    sums->counts[StepSums::kFalseAlarms] += found - hits;
    sums->counts[StepSums::kMisses] += truths - hits;
  }

  void AddToTally(LabelSet set, const S* x, ClassTally* tally) const {
    for (Index k = first_; k < labels_; ++k) {
      tally->AddLabel(k, Contains(set, k), IsFound(static_cast<double>(x[k])));
    }
  }

  Index labels_, first_;
};

}  // namespace

template <typename S>
std::unique_ptr<RowLoss<S>> MakeSigmoidLoss(Index labels, Index first_label) {
  return std::make_unique<SigmoidLoss<S>>(labels, first_label);
}

template std::unique_ptr<RowLoss<float>> MakeSigmoidLoss(Index, Index);
template std::unique_ptr<RowLoss<double>> MakeSigmoidLoss(Index, Index);

}  // namespace lockstep
