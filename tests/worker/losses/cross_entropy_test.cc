// Cross-entropy against the definition, -log(exp(x_target) / sum exp(x)), in long double.
#include "worker/losses/cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/counter_rng.h"
#include "base/error.h"
#include "tests/support/gradient_check.h"

namespace lockstep {
namespace {

constexpr std::int32_t kIgnored = -1;

struct Rows {
  Rows(Index count, Index width, std::uint64_t seed = 1) : classes(width) {
    const CounterRng rng(seed, RandomPurpose::kTest);
    for (Index i = 0; i < count * classes; ++i) {
      logits.push_back(2 * rng.Normal(static_cast<std::uint64_t>(i)));
    }
    for (Index i = 0; i < count; ++i) {
      const auto index = static_cast<std::uint64_t>(i + count * classes);
      targets.push_back(static_cast<std::int32_t>(rng.Below(index, classes)));
    }
  }
  double Definition() const {
    long double sum = 0;
    for (std::size_t row = 0; row < targets.size(); ++row) {
      if (targets[row] < 0) continue;
      const double* x = logits.data() + row * static_cast<std::size_t>(classes);
      long double total = 0;
      for (Index v = 0; v < classes; ++v) total += std::exp(static_cast<long double>(x[v]));
      sum -= std::log(std::exp(static_cast<long double>(x[targets[row]])) / total);
    }
    return static_cast<double>(sum);
  }
  StepSums Loss() const { return CrossEntropyLoss(std::span(targets), classes, logits.data()); }
  // (1 - e) times the cross-entropy, plus e times the mean over classes of -log p.
  double SmoothedDefinition(long double e) const {
    long double sum = 0;
    for (std::size_t row = 0; row < targets.size(); ++row) {
      if (targets[row] < 0) continue;
      const double* x = logits.data() + row * static_cast<std::size_t>(classes);
      long double total = 0;
      for (Index v = 0; v < classes; ++v) total += std::exp(static_cast<long double>(x[v]));
      for (Index v = 0; v < classes; ++v) {
        const long double share = e / classes + (v == targets[row] ? 1 - e : 0);
        sum -= share * (x[v] - std::log(total));
      }
    }
    return static_cast<double>(sum);
  }
  template <typename S>
  std::vector<S> Gradient(StepSums* sums, double smoothing = 0) const {
    std::vector<S> x(logits.begin(), logits.end());
    *sums = CrossEntropy(std::span(targets), classes, x.data(), std::span<const S>(), smoothing);
    return x;
  }

  Index classes;
  std::vector<double> logits;
  std::vector<std::int32_t> targets;
};

class CrossEntropyOf : public testing::TestWithParam<Index> {
 protected:
  CrossEntropyOf() : rows_(6, GetParam()) { rows_.targets[2] = kIgnored; }
  Rows rows_;
};
INSTANTIATE_TEST_SUITE_P(Classes, CrossEntropyOf, testing::Values(1, 2, 3, 50));

TEST_P(CrossEntropyOf, IsTheSumOfTheDefinitionOverRowsWithATarget) {
  StepSums sums;
  rows_.Gradient<double>(&sums);
  EXPECT_NEAR(sums.loss, rows_.Definition(), 1e-13 * (1 + sums.loss));
  EXPECT_EQ(sums.targets, 5);
  rows_.Gradient<float>(&sums);
  EXPECT_NEAR(sums.loss, rows_.Definition(), 1e-5 * (1 + sums.loss));
}

TEST_P(CrossEntropyOf, HasTheGradientOfFiniteDifferences) {
  StepSums sums;
  const std::vector<double> d_logits = rows_.Gradient<double>(&sums);
  const GradientCheck check =
      CheckGradient([&] { return rows_.Loss().loss; }, rows_.logits, d_logits);
  EXPECT_LE(check.worst_error, 1e-7) << check;
  RecordProperty("worst_relative_error", fmt::format("{:.1e}", check.worst_error));
}

TEST_P(CrossEntropyOf, SmoothedIsTheSumOfItsDefinition) {
  for (const double e : {0.0, 0.1, 0.5, 0.999}) {
    StepSums sums;
    rows_.Gradient<double>(&sums, e);
    const double expected = rows_.SmoothedDefinition(e);
    EXPECT_NEAR(sums.loss, expected, 1e-13 * (1 + expected)) << e;
    EXPECT_EQ(sums.targets, 5);
    rows_.Gradient<float>(&sums, e);
    EXPECT_NEAR(sums.loss, expected, 1e-5 * (1 + expected)) << e;
  }
}

TEST_P(CrossEntropyOf, SmoothedHasTheGradientOfFiniteDifferences) {
  StepSums sums;
  const std::vector<double> d_logits = rows_.Gradient<double>(&sums, 0.1);
  const auto loss = [&] {
    StepSums moved;
    rows_.Gradient<double>(&moved, 0.1);
    return moved.loss;
  };
  const GradientCheck check = CheckGradient(loss, rows_.logits, d_logits);
  EXPECT_LE(check.worst_error, 1e-7) << check;
}

TEST_P(CrossEntropyOf, GivesIgnoredRowsNoGradient) {
  StepSums sums;
  const std::vector<float> d_logits = rows_.Gradient<float>(&sums);
  for (Index v = 0; v < rows_.classes; ++v) {
    EXPECT_EQ(d_logits[static_cast<std::size_t>(2 * rows_.classes + v)], 0);
  }
}

TEST_P(CrossEntropyOf, GivesTheSameSumsWithAndWithoutGradient) {
  StepSums with;
  rows_.Gradient<double>(&with);
  const std::vector<double> before = rows_.logits;
  const StepSums without = rows_.Loss();
  EXPECT_EQ(rows_.logits, before);
  EXPECT_EQ(without.loss, with.loss);
  EXPECT_EQ(without.targets, with.targets);
  EXPECT_EQ(without.counts[0], with.counts[0]);
}

TEST(CrossEntropy, AddsOverRowsAndTakesNoMean) {
  Rows once(4, 7);
  Rows twice = once;
  twice.logits.insert(twice.logits.end(), once.logits.begin(), once.logits.end());
  twice.targets.insert(twice.targets.end(), once.targets.begin(), once.targets.end());
  StepSums one, two;
  const std::vector<double> d_one = once.Gradient<double>(&one);
  const std::vector<double> d_two = twice.Gradient<double>(&two);
  EXPECT_NEAR(two.loss, 2 * one.loss, 1e-14 * two.loss);
  EXPECT_EQ(two.targets, 2 * one.targets);
  EXPECT_TRUE(std::equal(d_one.begin(), d_one.end(), d_two.begin()));
}

TEST(CrossEntropy, OfEqualLogitsIsTheLogarithmOfTheNumberOfClasses) {
  std::vector<float> logits(8, 3.0f);
  const std::vector<std::int32_t> target{5};
  const StepSums sums = CrossEntropy(std::span(target), 8, logits.data());
  EXPECT_NEAR(sums.loss, std::log(8.0), 1e-6);
  EXPECT_NEAR(logits[5], -0.875, 1e-7);
  EXPECT_NEAR(logits[0], 0.125, 1e-7);
}

// Two classes with logits 0 and log 3 have probabilities 1/4 and 3/4; the target is 0.2 smoothed.
TEST(CrossEntropy, SmoothedHasTheGradientOfItsClosedForm) {
  std::vector<double> logits{0, std::log(3.0)};
  const std::vector<std::int32_t> target{0};
  const std::vector<double> weights{2, 1};
  const StepSums sums =
      CrossEntropy(std::span(target), 2, logits.data(), std::span<const double>(weights), 0.2);
  EXPECT_NEAR(sums.loss, 2 * (0.9 * std::log(4.0) + 0.1 * std::log(4.0 / 3)), 1e-14);
  EXPECT_NEAR(logits[0], 2 * (0.25 - 0.9), 1e-15);
  EXPECT_NEAR(logits[1], 2 * (0.75 - 0.1), 1e-15);
}

TEST(CrossEntropy, CountsARowAsCorrectWhereTheFirstLargestLogitIsTheTarget) {
  std::vector<float> logits{1, 5, 2, /**/ 5, 5, 0, /**/ 5, 5, 0, /**/ 9, 1, 1};
  const std::vector<std::int32_t> targets{1, 0, 1, kIgnored};
  EXPECT_EQ(CrossEntropyLoss(std::span(targets), 3, logits.data()).counts[0], 2);
}

TEST(CrossEntropy, StaysFiniteForHugeLogits) {
  const float huge = std::numeric_limits<float>::max() / 4;
  std::vector<float> logits{1e4f, -1e4f, 0, /**/ huge, -huge, huge};
  const std::vector<std::int32_t> targets{1, 2};
  const StepSums sums = CrossEntropy(std::span(targets), 3, logits.data());
  EXPECT_NEAR(sums.loss, 2e4 + std::log(2.0), 1e-2);  // float has 2e4 to 1e-3
  EXPECT_EQ(logits, (std::vector<float>{1, -1, 0, 0.5f, 0, -0.5f}));
}

TEST(CrossEntropy, IsNotANumberWhereALogitIs) {
  for (std::size_t where = 0; where < 3; ++where) {
    std::vector<float> logits{1, 2, 3};
    logits[where] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<std::int32_t> target{1};
    EXPECT_TRUE(std::isnan(CrossEntropy(std::span(target), 3, logits.data()).loss));
  }
}

TEST(CrossEntropy, OfNoRowsIsZero) {
  EXPECT_EQ(CrossEntropy<float>({}, 3, nullptr).targets, 0);
  EXPECT_EQ(CrossEntropy<float>({}, 3, nullptr).loss, 0);
}

}  // namespace
}  // namespace lockstep
