#include "worker/losses/row_loss.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lockstep {
namespace {

FieldBatch Reals(const std::vector<float>& values) {
  FieldBatch targets;
  targets.values = AlignedBuffer<float>(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), targets.values.data());
  return targets;
}

FieldBatch Classes(const std::vector<std::int32_t>& ids) {
  FieldBatch targets;
  targets.ids = ids;
  return targets;
}

// Differences 3, -4, (missing), 1 in two columns of scales 10 and 0.5.
TEST(RealLoss, SquaredErrorsAreInTheUsersUnitsWhateverTheLossIs) {
  const FieldBatch targets = Reals({1, 2, std::nanf(""), 0});
  const std::vector<double> outputs = {4, -2, 100, 1}, scales = {10, 0.5};
  const double squares = 30 * 30 + 2 * 2 + 0.5 * 0.5;
  const StepSums squared =
      MakeSquaredLoss<double>(2, scales)->Loss(targets, 2, outputs.data(), nullptr);
  EXPECT_EQ(squared.loss, 9 + 16 + 1);
  EXPECT_EQ(squared.targets, 3);
  EXPECT_EQ(squared.squared_errors, squares);
  const auto absolute = MakeAbsoluteLoss<double>(2, scales);
  const StepSums sums = absolute->Loss(targets, 2, outputs.data(), nullptr);
  EXPECT_EQ(sums.loss, 3 + 4 + 1);
  EXPECT_EQ(sums.squared_errors, squares);
  EXPECT_EQ(absolute->metrics()[0].of(sums, ClassTally()), std::sqrt(squares / 3));
}

TEST(RealLoss, WithoutScalesErrorsAreThoseOfTheStoredValues) {
  const std::vector<double> outputs = {4, -2};
  const StepSums sums =
      MakeAbsoluteLoss<double>(1)->Loss(Reals({1, 2}), 2, outputs.data(), nullptr);
  EXPECT_EQ(sums.squared_errors, 9 + 16);
}

TEST(SoftmaxLoss, TalliesTargetsThatAreNotIgnored) {
  const std::vector<float> outputs = {2, 1, 0, 0, 3, 3, 9, 0, 0, 0, 0, 1};
  const auto loss = MakeSoftmaxLoss<float>(3, {});
  ClassTally tally(loss->metrics()[0].classes), expected(3);
  const StepSums sums = loss->Loss(Classes({0, 2, kIgnoredTarget, 2}), 4, outputs.data(), &tally);
  expected.Add(0, 0);
  expected.Add(2, 1);  // of equal outputs the first
  expected.Add(2, 2);
  EXPECT_EQ(tally, expected);
  EXPECT_DOUBLE_EQ(loss->metrics()[0].of(sums, tally), (1 + 2.0 / 3) / 2);
}

}  // namespace
}  // namespace lockstep
