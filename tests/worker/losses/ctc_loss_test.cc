// CTC loss against its definition, summed over every path, and against finite differences. Torch is
// the other oracle (ctc_parity_test.py).
#include "worker/losses/ctc_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/gradient_check.h"
#include "tests/worker/losses/ctc_problem.h"

namespace lockstep {
namespace {

// Sums over C^T products of T factors each.
constexpr double kDefinitionTolerance = 1e-12;
// What central differences leave.
constexpr double kGradientTolerance = 1e-7;

Labels Reading(const std::vector<Index>& path) {
  Labels labels;
  for (std::size_t t = 0; t < path.size(); ++t) {
    if (path[t] == 0 || (t > 0 && path[t] == path[t - 1])) continue;
    labels.push_back(static_cast<std::int32_t>(path[t]));
  }
  return labels;
}

// Softmax of a problem of one sequence, [T, C].
std::vector<double> Softmax(const CtcProblem& problem) {
  std::vector<double> y;
  const auto C = static_cast<std::size_t>(problem.classes);
  for (std::size_t row = 0; row < problem.logits.size(); row += C) {
    double sum = 0;
    for (std::size_t k = 0; k < C; ++k) sum += std::exp(problem.logits[row + k]);
    for (std::size_t k = 0; k < C; ++k) y.push_back(std::exp(problem.logits[row + k]) / sum);
  }
  return y;
}

struct Definition {
  double loss = 0;
  std::vector<double> gradient;
};

// Walks all C^T paths as numbers of T digits.
Definition SumOverAllPaths(const CtcProblem& problem) {
  const Index T = problem.layout.steps(), C = problem.classes;
  const std::vector<double> y = Softmax(problem);
  std::vector<double> through(y.size());
  std::vector<Index> path(static_cast<std::size_t>(T), 0);
  double total = 0;
  const auto at = [&](std::size_t t) {
    return t * static_cast<std::size_t>(C) + static_cast<std::size_t>(path[t]);
  };
  for (std::size_t t = 0; t < path.size();) {
    if (Reading(path) == problem.labels) {
      double p = 1;
      for (std::size_t u = 0; u < path.size(); ++u) p *= y[at(u)];
      for (std::size_t u = 0; u < path.size(); ++u) through[at(u)] += p;
      total += p;
    }
    for (t = 0; t < path.size() && ++path[t] == C; ++t) path[t] = 0;
  }
  Definition definition{-std::log(total), y};
  for (std::size_t i = 0; i < y.size(); ++i) definition.gradient[i] -= through[i] / total;
  return definition;
}

struct SmallCase {
  const char* what;
  Index steps, classes;
  Labels labels;
};

class CtcLossOf : public testing::TestWithParam<SmallCase> {
 protected:
  CtcLossOf() : problem_(GetParam().classes, {GetParam().steps}, {GetParam().labels}) {}
  CtcProblem problem_;
};
INSTANTIATE_TEST_SUITE_P(
    Small, CtcLossOf,
    testing::Values(SmallCase{"OneStep", 1, 3, {2}}, SmallCase{"OneLabel", 5, 3, {1}},
                    SmallCase{"TwoLabels", 6, 4, {3, 1}}, SmallCase{"Repeat", 6, 3, {2, 2}},
                    SmallCase{"RepeatsAmongOthers", 8, 3, {1, 1, 2, 1}},
                    SmallCase{"NoLabels", 5, 4, {}}, SmallCase{"ExactFit", 4, 4, {3, 1, 2, 3}},
                    SmallCase{"ExactFitWithRepeats", 5, 3, {1, 1, 1}},
                    SmallCase{"OneClassBesideBlank", 9, 2, {1, 1, 1}},
                    SmallCase{"OnlyBlank", 3, 1, {}}),
    [](const auto& test) { return std::string(test.param.what); });

TEST_P(CtcLossOf, IsTheSumOverAllPaths) {
  const Definition definition = SumOverAllPaths(problem_);
  StepSums sums;
  const std::vector<double> d_logits = problem_.Gradient(&sums);
  EXPECT_NEAR(sums.loss, definition.loss, kDefinitionTolerance * (1 + definition.loss));
  for (std::size_t i = 0; i < d_logits.size(); ++i) {
    EXPECT_NEAR(d_logits[i], definition.gradient[i], kDefinitionTolerance) << "element " << i;
  }
  EXPECT_EQ(sums.targets, std::max<std::size_t>(1, problem_.labels.size()));
}

TEST_P(CtcLossOf, HasTheGradientOfFiniteDifferences) {
  StepSums sums;
  std::vector<double> d_logits = problem_.Gradient(&sums);
  const auto check = [&] {
    return CheckGradient([&] { return problem_.Loss().loss; }, problem_.logits, d_logits);
  };
  if (problem_.classes > 1) {  // else it is zero
    EXPECT_LE(check().worst_error, kGradientTolerance) << check();
    *std::max_element(d_logits.begin(), d_logits.end()) *= 1.001;
    EXPECT_GT(check().worst_error, 5e-4);
  }
}

TEST_P(CtcLossOf, GivesTheSameSumsWithAndWithoutGradient) {
  StepSums with;
  problem_.Gradient<float>(&with);
  const StepSums without = problem_.Loss<float>();
  EXPECT_EQ(without.loss, with.loss);
  EXPECT_EQ(without.targets, with.targets);
  EXPECT_EQ(without.counts[0], with.counts[0]);
}

// -log p(l | x) from equations (6) to (8) in logarithms of long double.
double LogarithmicLoss(const CtcProblem& problem) {
  using Real = long double;
  const std::size_t states = 2 * problem.labels.size() + 1;
  const auto C = static_cast<std::size_t>(problem.classes);
  const auto label = [&](std::size_t s) { return s % 2 == 0 ? 0 : problem.labels[s / 2]; };
  const Real zero = -std::numeric_limits<Real>::infinity();
  const auto add = [zero](Real a, Real b) {
    const Real top = std::max(a, b);
    return top == zero ? zero : top + std::log1p(std::exp(std::min(a, b) - top));
  };
  std::vector<Real> alpha(states, zero);
  alpha[0] = 0;
  for (std::size_t row = 0; row < problem.logits.size(); row += C) {
    Real sum = 0;
    for (std::size_t k = 0; k < C; ++k) sum += std::exp(Real(problem.logits[row + k]));
    for (std::size_t s = states; s-- > 0;) {  // from the last, so that those before it are old
      Real from = row == 0 && s == 1 ? alpha[0] : alpha[s];
      if (row > 0 && s >= 1) from = add(from, alpha[s - 1]);
      if (row > 0 && s >= 2 && label(s) != label(s - 2)) from = add(from, alpha[s - 2]);
      alpha[s] =
          from + Real(problem.logits[row + static_cast<std::size_t>(label(s))]) - std::log(sum);
    }
  }
  return -static_cast<double>(add(alpha[states - 1], alpha[states - 2]));
}

TEST(CtcLoss, OfTwentyThousandStepsIsThatOfLogarithmsInLongDouble) {
  constexpr Index kSteps = 20000, kClasses = 12;
  const CtcProblem problem(kClasses, {kSteps}, {RandomLabels(100, kClasses, kSteps, 1)});
  StepSums sums;
  const std::vector<float> d_logits = problem.Gradient<float>(&sums);
  EXPECT_NEAR(sums.loss, LogarithmicLoss(problem), 1e-12 * sums.loss);
  RecordProperty("loss", fmt::format("{:.1f}", sums.loss));
  double worst = 0;  // softmax and occupancy both sum to 1
  for (auto row = d_logits.begin(); row != d_logits.end(); row += kClasses) {
    worst = std::max(worst, std::abs(std::accumulate(row, row + kClasses, 0.0)));
  }
  EXPECT_LE(worst, 5e-7);
}

TEST(CtcLoss, InFloatHasTheValueOfDouble) {
  constexpr Index kSteps = 5000, kClasses = 30;
  const CtcProblem problem(kClasses, {kSteps}, {RandomLabels(600, kClasses, kSteps, 2)});
  StepSums one, two;
  const std::vector<float> floats = problem.Gradient<float>(&one);
  const std::vector<double> doubles = problem.Gradient<double>(&two);
  EXPECT_EQ(one.loss, two.loss);
  double worst = 0;
  for (std::size_t i = 0; i < floats.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(floats[i]) - doubles[i]));
  }
  EXPECT_LE(worst, 2e-7);  // roundings of numbers up to 1
}

TEST(CtcLoss, OfASlotIsThatOfEachSequenceAloneBitByBit) {
  const std::vector<Index> lengths{40, 31, 31, 12, 1};
  std::vector<Labels> labels;
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    labels.push_back(RandomLabels(static_cast<Index>(9 - 2 * b), 7, lengths[b], b));
  }
  const CtcProblem slot(7, lengths, labels);
  StepSums together, apart;
  const std::vector<float> d_slot = slot.Gradient<float>(&together);
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    CtcProblem alone(7, {lengths[b]}, {labels[b]});
    const auto in_slot = [&](Index t) { return slot.layout.Row(t, static_cast<Index>(b)) * 7; };
    for (Index t = 0; t < lengths[b]; ++t) {
      std::copy_n(slot.logits.begin() + in_slot(t), 7, alone.logits.begin() + t * 7);
    }
    StepSums sums;
    const std::vector<float> d_alone = alone.Gradient<float>(&sums);
    for (Index t = 0; t < lengths[b]; ++t) {
      EXPECT_TRUE(std::equal(d_alone.begin() + t * 7, d_alone.begin() + t * 7 + 7,
                             d_slot.begin() + in_slot(t)));
    }
    apart.loss += sums.loss;
    apart.targets += sums.targets;
    apart.counts[0] += sums.counts[0];
  }
  EXPECT_EQ(together.loss, apart.loss);
  EXPECT_EQ(together.targets, apart.targets);
  EXPECT_EQ(together.counts[0], apart.counts[0]);
}

TEST(CtcLoss, OfLabelsThatDoNotFitIsInfiniteAndMovesNothing) {
  const CtcProblem problem(3, {6, 3}, {{1, 2}, {1, 1, 2}});  // the second one needs 4 steps
  StepSums sums;
  const std::vector<float> d_logits = problem.Gradient<float>(&sums);
  EXPECT_EQ(sums.loss, std::numeric_limits<double>::infinity());
  EXPECT_EQ(problem.Loss().loss, sums.loss);
  for (Index t = 0; t < 3; ++t) {
    const auto row = d_logits.begin() + problem.layout.Row(t, 1) * 3;
    EXPECT_EQ(std::vector<float>(row, row + 3), std::vector<float>(3, 0.0f));
    EXPECT_NE(*(row - 3), 0);  // of the first one
  }
}

TEST(CtcLoss, StaysFiniteForHugeLogits) {
  CtcProblem problem(3, {4}, {{1, 1}});
  problem.logits = {1e4, -1e4, 0, 1e4, -1e4, 0, -1e4, 0, 1e4, 1e4, -1e4, 1e4};
  StepSums sums;
  const std::vector<float> d_logits = problem.Gradient<float>(&sums);
  // The best path is 1 - 1 -; any other is at least e^10000 less likely.
  EXPECT_NEAR(sums.loss, 2e4 + 0 + 1e4 + std::log(2), 1e-8);
  const std::vector<float> expected{1, -1, 0, 0, 0, 0, 0, -1, 1, -0.5f, 0, 0.5f};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(d_logits[i], expected[i], 1e-11);
}

TEST(CtcLoss, IsNotANumberWhereALogitIsNoFiniteNumber) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (double bad : {std::numeric_limits<double>::quiet_NaN(), kInfinity}) {
    for (std::size_t where = 0; where < 6; ++where) {
      CtcProblem problem(3, {2}, {{1}});
      problem.logits[where] = bad;
      StepSums sums;
      EXPECT_EQ(problem.Gradient<float>(&sums), std::vector<float>(6, 0.0f));
      EXPECT_TRUE(std::isnan(sums.loss));
    }
  }
}

// Logits whose largest are `path`, step by step.
Index CorrectLabels(const Labels& path, const Labels& labels) {
  CtcProblem problem(4, {static_cast<Index>(path.size())}, {labels});
  std::fill(problem.logits.begin(), problem.logits.end(), 1.0);
  for (std::size_t t = 0; t < path.size(); ++t) {
    problem.logits[t * 4 + static_cast<std::size_t>(path[t])] = 2;
  }
  return problem.Loss<float>().counts[0];
}

TEST(CtcLoss, CountsLabelsLessTheErrorsOfTheGreedyReading) {
  EXPECT_EQ(CorrectLabels({0, 1, 1, 0, 1, 2, 2}, {1, 1, 2}), 3);
  EXPECT_EQ(CorrectLabels({0, 1, 1, 1, 1, 2, 2}, {1, 1, 2}), 2);  // one is missing
  EXPECT_EQ(CorrectLabels({3, 1, 0, 0, 1, 0, 3}, {1, 1, 2}), 1);  // one too many, one wrong
  EXPECT_EQ(CorrectLabels({3, 2, 3, 2, 3, 2, 3, 0}, {1}), 0);     // never below
  EXPECT_EQ(CorrectLabels({0, 0, 0}, {}), 1);
  EXPECT_EQ(CorrectLabels({0, 1, 0}, {}), 0);
}

TEST(CtcLoss, ReadsTheFirstOfEqualLogits) {
  CtcProblem problem(3, {2}, {{1}});
  problem.logits = {0, 5, 5, 1, 1, 1};
  EXPECT_EQ(problem.Loss<float>().counts[0], 1);
}

TEST(CtcLoss, OfNoSequencesIsZero) {
  const CtcProblem problem(3, {}, {});
  EXPECT_EQ(problem.Loss().targets, 0);
  EXPECT_EQ(problem.Loss().loss, 0);
}

TEST(LeastStepsFor, CountsLabelsAndTheBlanksBetweenEqualOnes) {
  EXPECT_EQ(LeastStepsFor({}), 0);
  EXPECT_EQ(LeastStepsFor(Labels{4}), 1);
  EXPECT_EQ(LeastStepsFor(Labels{1, 2, 1}), 3);
  EXPECT_EQ(LeastStepsFor(Labels{1, 1, 1, 2, 2}), 8);
}

}  // namespace
}  // namespace lockstep
