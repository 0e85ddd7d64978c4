#include "worker/losses/sigmoid_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "tests/support/gradient_check.h"

namespace lockstep {
namespace {

// What central differences of a smooth loss in double leave.
constexpr double kGradientTolerance = 1e-7;

FieldBatch Sets(const std::vector<std::vector<std::int32_t>>& sets) {
  FieldBatch targets;
  targets.offsets = {0};
  for (const auto& set : sets) {
    targets.ids.insert(targets.ids.end(), set.begin(), set.end());
    targets.offsets.push_back(static_cast<Index>(targets.ids.size()));
  }
  return targets;
}

double Logit(double p) { return std::log(p / (1 - p)); }

// Probabilities 0.8 and 0.4 for the labels of the set {0}: -log 0.8 - log 0.6; of {1}, and of none.
TEST(SigmoidLoss, IsTheSumOfTheBinaryCrossEntropies) {
  const std::vector<double> row = {Logit(0.8), Logit(0.4)};
  const auto loss = MakeSigmoidLoss<double>(2, 0);
  const auto of = [&](const std::vector<std::int32_t>& set) {
    return loss->Loss(Sets({set}), 1, row.data(), nullptr).loss;
  };
  EXPECT_NEAR(of({0}), -std::log(0.8) - std::log(0.6), 1e-14);
  EXPECT_NEAR(of({1}), -std::log(0.2) - std::log(0.4), 1e-14);
  EXPECT_NEAR(of({}), -std::log(0.2) - std::log(0.6), 1e-14);
  EXPECT_NEAR(of({0, 1}), -std::log(0.8) - std::log(0.4), 1e-14);
  EXPECT_EQ(of({0, 0}), of({0})) << "a label that is named twice counts once";
}

TEST(SigmoidLoss, CountsLabelsThatAreFound) {
  const std::vector<float> rows = {1, -1, 2, /**/ -1, -2, -3, /**/ 1, 1, -1};
  const auto loss = MakeSigmoidLoss<float>(3, 0);
  ClassTally tally(3);
  const StepSums sums = loss->Loss(Sets({{0, 1}, {}, {0, 1}}), 3, rows.data(), &tally);
  EXPECT_EQ(sums.targets, 3);
  EXPECT_EQ(sums.counts[0], 2) << "rows without an error";
  EXPECT_EQ(sums.counts[StepSums::kHits], 3);
  EXPECT_EQ(sums.counts[StepSums::kFalseAlarms], 1);
  EXPECT_EQ(sums.counts[StepSums::kMisses], 1);
  const std::vector<TaskMetric> metrics = loss->metrics();
  EXPECT_DOUBLE_EQ(FindMetric(metrics, "frame_accuracy")->of(sums, tally), 3.0 / 5);
  EXPECT_DOUBLE_EQ(FindMetric(metrics, "micro_f1")->of(sums, tally), 6.0 / 8);
  // Label 0: twice right. Label 1: found once of two. Label 2 never occurs.
  EXPECT_DOUBLE_EQ(FindMetric(metrics, "f1")->of(sums, tally), (1 + 2.0 / 3) / 2);
  EXPECT_EQ(tally.founds(2), 1);
}

TEST(SigmoidLoss, NothingToFindAndNothingFoundIsAllRight) {
  const std::vector<float> row = {-1, -1};
  const auto loss = MakeSigmoidLoss<float>(2, 0);
  const StepSums sums = loss->Loss(Sets({{}}), 1, row.data(), nullptr);
  EXPECT_EQ(loss->metrics()[0].of(sums, ClassTally()), 1);
}

TEST(SigmoidLoss, ExtremeOutputsNeitherOverflowNorLoseTheLoss) {
  const std::vector<float> rows = {200, -200, 3e38F, -3e38F};
  const auto loss = MakeSigmoidLoss<float>(4, 0);
  EXPECT_EQ(loss->Loss(Sets({{0, 2}}), 1, rows.data(), nullptr).loss, 0);
  EXPECT_EQ(loss->Loss(Sets({{1, 2}}), 1, rows.data(), nullptr).loss, 400);
  std::vector<float> gradient = rows;
  loss->Gradient(Sets({{1, 2}}), 1, gradient.data());
  EXPECT_EQ(gradient, (std::vector<float>{1, -1, 0, 0}));
}

// More labels than factors that are multiplied before a logarithm is taken; each adds log 2.
TEST(SigmoidLoss, AnyNumberOfLabelsCanBeAdded) {
  const std::vector<double> row(5000, 0);
  const auto loss = MakeSigmoidLoss<double>(5000, 0);
  const double found = loss->Loss(Sets({{17}}), 1, row.data(), nullptr).loss;
  EXPECT_NEAR(found, 5000 * std::log(2.0), 1e-9);
  EXPECT_NEAR(loss->UntrainedLoss(), found, 1e-9);
}

TEST(SigmoidLoss, GradientAgreesWithFiniteDifferences) {
  constexpr Index kRows = 4, kLabels = 7;
  const FieldBatch targets = Sets({{0, 3}, {}, {0, 1, 2, 3, 4, 5, 6}, {6, 2, 6}});
  const auto loss = MakeSigmoidLoss<double>(kLabels, 0);
  std::vector<double> x(kRows * kLabels);
  const CounterRng rng(1, RandomPurpose::kTest);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 2 * rng.Normal(i);
  std::vector<double> gradient = x;
  loss->Gradient(targets, kRows, gradient.data());
  const GradientCheck check = CheckGradient(
      [&] { return loss->Loss(targets, kRows, x.data(), nullptr).loss; }, x, gradient);
  EXPECT_LE(check.worst_error, kGradientTolerance) << check;
}

TEST(SigmoidLoss, LabelsBelowTheFirstDoNotExist) {
  const auto loss = MakeSigmoidLoss<double>(3, 1);
  std::vector<double> row = {9, 0, 0};
  ClassTally tally(3);
  const StepSums sums = loss->Loss(Sets({{1}}), 1, row.data(), &tally);
  EXPECT_NEAR(sums.loss, 2 * std::log(2.0), 1e-14);
  EXPECT_EQ(tally.founds(0), 0);
  loss->Gradient(Sets({{1}}), 1, row.data());
  EXPECT_EQ(row, (std::vector<double>{0, -0.5, 0.5}));
}

}  // namespace
}  // namespace lockstep
