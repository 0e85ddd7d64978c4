#include "tests/support/gradient_check.h"

#include <gtest/gtest.h>

#include <array>

namespace lockstep {
namespace {

constexpr double kAccepted = 1e-10;

// f(x) = sin(x0) x1 + exp(x2) x0^2, whose derivatives are written out below.
class GradientCheckOf : public testing::Test {
 protected:
  double Loss() const { return std::sin(x_[0]) * x_[1] + std::exp(x_[2]) * x_[0] * x_[0]; }
  std::array<double, 3> Derivative() const {
    return {std::cos(x_[0]) * x_[1] + 2 * std::exp(x_[2]) * x_[0], std::sin(x_[0]),
            std::exp(x_[2]) * x_[0] * x_[0]};
  }
  GradientCheck Check(const std::array<double, 3>& claimed) {
    return CheckGradient([this] { return Loss(); }, x_, claimed);
  }

  std::array<double, 3> x_{0.7, -1.3, 0.4};
};

TEST_F(GradientCheckOf, AcceptsTheRightDerivative) {
  EXPECT_LE(Check(Derivative()).worst_error, kAccepted);
}

TEST_F(GradientCheckOf, LeavesTheArgumentAsItWas) {
  const std::array<double, 3> before = x_;
  Check(Derivative());
  EXPECT_EQ(x_, before);
}

TEST_F(GradientCheckOf, FindsAWrongSign) {
  std::array<double, 3> wrong = Derivative();
  wrong[1] = -wrong[1];
  const GradientCheck check = Check(wrong);
  EXPECT_NEAR(check.worst_error, 2, kAccepted);
  EXPECT_EQ(check.worst_index, 1);
}

TEST_F(GradientCheckOf, FindsAFactorOfOnePartInAThousand) {
  std::array<double, 3> wrong = Derivative();
  wrong[2] *= 1.001;
  const GradientCheck check = Check(wrong);
  EXPECT_NEAR(check.worst_error, 0.001 / 1.001, kAccepted);
  EXPECT_EQ(check.worst_index, 2);
  EXPECT_EQ(check.analytic, wrong[2]);
}

TEST_F(GradientCheckOf, FindsAMissingTerm) {
  std::array<double, 3> wrong = Derivative();
  wrong[0] -= 2 * std::exp(x_[2]) * x_[0];
  const GradientCheck check = Check(wrong);
  EXPECT_GT(check.worst_error, 0.1);
  EXPECT_EQ(check.worst_index, 0);
}

TEST_F(GradientCheckOf, FindsANotANumber) {
  std::array<double, 3> wrong = Derivative();
  wrong[1] = std::nan("");
  const GradientCheck check = Check(wrong);
  EXPECT_EQ(check.worst_error, std::numeric_limits<double>::infinity());
  EXPECT_EQ(check.worst_index, 1);
}

TEST(GradientCheckOfConstant, AcceptsZeroAndNothingElse) {
  std::array<double, 2> x{1, 2};
  const auto loss = [] { return 3.0; };
  EXPECT_EQ(CheckGradient(loss, x, std::array<double, 2>{0, 0}).worst_error, 0);
  EXPECT_EQ(CheckGradient(loss, x, std::array<double, 2>{0, 1e-9}).worst_error, 1);
}

}  // namespace
}  // namespace lockstep
