#include "worker/losses/row_loss.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "worker/losses/cross_entropy.h"

namespace lockstep {
namespace {

template <typename S>
class SoftmaxLoss : public RowLoss<S> {
 public:
  SoftmaxLoss(Index classes, const std::vector<double>& weights, double smoothing)
      : classes_(classes), weights_(weights.begin(), weights.end()), smoothing_(smoothing) {
    LOCKSTEP_CHECK(weights.empty() || static_cast<Index>(weights.size()) == classes);
  }
  Index width() const override { return classes_; }
  void SetGradient(const FieldBatch& targets, const RowBlock& rows, S* outputs,
                   StepSums* sums) const override {
    *sums = CrossEntropy<S>(IdsOf(targets, rows), classes_, outputs, weights_, smoothing_, *sums);
  }
  void AddLoss(const FieldBatch& targets, const RowBlock& rows, const S* outputs, StepSums* sums,
               ClassTally* tally) const override {
    *sums = CrossEntropyLoss<S>(IdsOf(targets, rows), classes_, outputs, weights_, tally, *sums);
  }
  double UntrainedLoss() const override { return std::log(static_cast<double>(classes_)); }
  std::span<const char* const> counts() const override {
    static constexpr std::array<const char*, 1> kNames = {"correct"};
    return kNames;
  }
  std::vector<TaskMetric> metrics() const override { return {MacroF1Metric(classes_)}; }

 private:
  static std::span<const std::int32_t> IdsOf(const FieldBatch& targets, const RowBlock& rows) {
    LOCKSTEP_CHECK(rows.first + rows.count <= static_cast<Index>(targets.ids.size()));
    return std::span(targets.ids)
        .subspan(static_cast<std::size_t>(rows.first), static_cast<std::size_t>(rows.count));
  }

  Index classes_;
  std::vector<S> weights_;
  double smoothing_;
};

// The losses of real targets: the cost of one element with a given difference output - target, and
// the derivative of the cost. kUntrained is the mean cost of an untrained model.
struct Squared {
  static constexpr double kUntrained = 1;  // targets of variance 1, outputs equal to their mean
  static double Cost(double difference) { return difference * difference; }
  static double Slope(double difference) { return 2 * difference; }
};
struct Absolute {
  static constexpr double kUntrained = 0.8;  // sqrt(2 / pi): normal targets of variance 1
  static double Cost(double difference) { return std::abs(difference); }
  static double Slope(double difference) { return difference > 0 ? 1 : difference < 0 ? -1 : 0; }
};

template <typename S, typename Error>
class RealLoss : public RowLoss<S> {
 public:
  RealLoss(Index width, const std::vector<double>& scales) : width_(width), scales_(scales) {
    if (scales.empty()) scales_.assign(static_cast<std::size_t>(width), 1);
    LOCKSTEP_CHECK_EQ(static_cast<Index>(scales_.size()), width);
  }
  Index width() const override { return width_; }
  void SetGradient(const FieldBatch& targets, const RowBlock& rows, S* outputs,
                   StepSums* sums) const override {
    AddLoss(targets, rows, outputs, sums, nullptr);
    const float* const of_block = ValuesOf(targets, rows);
    for (Index i = 0; i < rows.count * width_; ++i) {
      const float target = of_block[i];
      outputs[i] =
          std::isnan(target) ? S{0} : static_cast<S>(Error::Slope(Difference(outputs[i], target)));
    }
  }
  void AddLoss(const FieldBatch& targets, const RowBlock& rows, const S* outputs, StepSums* sums,
               ClassTally* /*tally*/) const override {
    const float* const of_block = ValuesOf(targets, rows);
    for (Index row = 0; row < rows.count; ++row) {
      for (Index k = 0; k < width_; ++k) {
        const float target = of_block[row * width_ + k];
        if (std::isnan(target)) continue;
        const double difference = Difference(outputs[row * width_ + k], target);
        const double error = difference * scales_[static_cast<std::size_t>(k)];
        sums->loss += Error::Cost(difference);
        sums->squared_errors += error * error;
        sums->targets += 1;
      }
    }
  }
  double UntrainedLoss() const override { return Error::kUntrained; }
  std::span<const char* const> counts() const override { return {}; }
  std::vector<TaskMetric> metrics() const override { return {RmseMetric()}; }

 private:
  const float* ValuesOf(const FieldBatch& targets, const RowBlock& rows) const {
    LOCKSTEP_CHECK(targets.values.size() >= (rows.first + rows.count) * width_);
    return targets.values.data() + rows.first * width_;
  }
  static double Difference(S output, float target) {
    return static_cast<double>(output) - static_cast<double>(target);
  }
  Index width_;
  std::vector<double> scales_;  // [width]
};

}  // namespace

template <typename S>
std::unique_ptr<RowLoss<S>> MakeSoftmaxLoss(Index classes, const std::vector<double>& weights,
                                            double smoothing) {
  return std::make_unique<SoftmaxLoss<S>>(classes, weights, smoothing);
}
template <typename S>
std::unique_ptr<RowLoss<S>> MakeSquaredLoss(Index width, const std::vector<double>& scales) {
  return std::make_unique<RealLoss<S, Squared>>(width, scales);
}
template <typename S>
std::unique_ptr<RowLoss<S>> MakeAbsoluteLoss(Index width, const std::vector<double>& scales) {
  return std::make_unique<RealLoss<S, Absolute>>(width, scales);
}

template std::unique_ptr<RowLoss<float>> MakeSoftmaxLoss(Index, const std::vector<double>&, double);
template std::unique_ptr<RowLoss<double>> MakeSoftmaxLoss(Index, const std::vector<double>&,
                                                          double);
template std::unique_ptr<RowLoss<float>> MakeSquaredLoss(Index, const std::vector<double>&);
template std::unique_ptr<RowLoss<double>> MakeSquaredLoss(Index, const std::vector<double>&);
template std::unique_ptr<RowLoss<float>> MakeAbsoluteLoss(Index, const std::vector<double>&);
template std::unique_ptr<RowLoss<double>> MakeAbsoluteLoss(Index, const std::vector<double>&);

}  // namespace lockstep
