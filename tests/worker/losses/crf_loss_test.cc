// The loss of a conditional random field against its definition, summed over all label sequences.
#include "worker/losses/crf_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/gradient_check.h"
#include "tests/worker/losses/crf_problem.h"
#include "worker/losses/crf_chain.h"

namespace lockstep {
namespace {

// Sums over C^T label sequences in double.
constexpr double kDefinitionTolerance = 1e-10;
// What central differences leave.
constexpr double kGradientTolerance = 1e-7;

// 0 begins and stays or goes to 1; 1 goes to 2; 2 stays, ends, or goes to 0.
LabelOrder Ring() { return {{{0, 1}, {2}, {0, 2}}, {0}, {0, 2}}; }

void ExpectNear(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_NEAR(found[i], expected[i], kDefinitionTolerance) << "element " << i;
  }
}

// Compares loss, gradient, marginals and best labels of the slot with the definition.
void ExpectDefinition(const CrfProblem& problem) {
  StepSums sums;
  const std::vector<double> gradient = problem.Gradient(&sums);
  Labels best;
  const std::vector<double> logs = problem.Marginals(&best);
  std::vector<double> expected(gradient.size()), marginals(problem.x.size());
  double loss = 0;
  for (Index b = 0; b < problem.layout.sequences(); ++b) {
    const CrfDefinition one = CrfEnumeration(problem, b).Run();
    loss += one.loss;
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += one.gradient[i];
    for (std::size_t i = 0; i < marginals.size(); ++i) marginals[i] += one.marginals[i];
    for (std::size_t t = 0; t < one.best.size(); ++t) {
      const Index row = problem.layout.Row(static_cast<Index>(t), b);
      EXPECT_EQ(best[static_cast<std::size_t>(row)], one.best[t]) << "step " << t << " of " << b;
    }
  }
  EXPECT_NEAR(sums.loss, loss, kDefinitionTolerance);
  EXPECT_EQ(problem.Loss().loss, sums.loss);
  EXPECT_EQ(problem.Loss().counts, sums.counts);
  ExpectNear(gradient, expected);
  std::vector<double> found;
  for (const double log : logs) found.push_back(std::exp(log));
  ExpectNear(found, marginals);
}

TEST(CrfLoss, IsThatOfTheDefinition) { ExpectDefinition({3, {5, 4, 4, 2}}); }

TEST(CrfLoss, TakesSequencesOfOneStep) { ExpectDefinition({4, {1, 1}}); }

TEST(CrfLoss, TakesOneClass) { ExpectDefinition({1, {4}}); }

TEST(CrfLoss, TakesMoreClassesThanLanes) { ExpectDefinition({9, {3, 2}}); }

TEST(CrfLoss, SumsOverIgnoredTargets) {
  CrfProblem problem(3, {6, 6, 5, 1, 1});
  problem.SetLabels(0, {-1, -1, 2, 0, -1, -1});  // the context of a window
  problem.SetLabels(1, {1, -1, 2, -1, -1, 0});
  problem.SetLabels(2, {-1, -1, -1, -1, -1});
  problem.SetLabels(3, {-1});
  ExpectDefinition(problem);
}

TEST(CrfLoss, ObeysTheOrderOfLabels) {
  CrfProblem problem(3, {6, 6, 5, 4, 2, 1}, Ring());
  problem.SetLabels(0, {0, 0, 1, 2, 2, 0});
  problem.SetLabels(1, {-1, 1, -1, -1, 2, -1});
  problem.SetLabels(2, {0, 1, 2, 0, 0});
  problem.SetLabels(3, {0, -1, -1, 2});
  problem.SetLabels(4, {-1, -1});
  problem.SetLabels(5, {0});
  ExpectDefinition(problem);
}

TEST(CrfLoss, GivesForbiddenTransitionsExactlyNoGradient) {
  CrfProblem problem(3, {6}, Ring());
  problem.SetLabels(0, {0, -1, -1, -1, -1, 2});
  StepSums sums;
  const std::vector<double> gradient = problem.Gradient(&sums);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      const double d = gradient[problem.x.size() + static_cast<std::size_t>(3 * i + j)];
      EXPECT_EQ(d != 0, problem.order.MayFollow(i, j)) << i << " " << j;
    }
  }
}

TEST(CrfLoss, HasTheGradientOfFiniteDifferences) {
  CrfProblem problem(5, {9, 7});
  problem.SetLabels(0, {-1, -1, 2, 0, -1, 3, 4, -1, -1});
  StepSums sums;
  const std::vector<double> gradient = problem.Gradient(&sums);
  const std::span<const double> all(gradient);
  const auto loss = [&] { return problem.Loss().loss; };
  const GradientCheck x = CheckGradient(loss, problem.x, all.first(problem.x.size()));
  EXPECT_LE(x.worst_error, kGradientTolerance) << x;
  const GradientCheck p = CheckGradient(loss, problem.parameters, all.subspan(problem.x.size()));
  EXPECT_LE(p.worst_error, kGradientTolerance) << p;
}

TEST(CrfLoss, CountsKnownTargetsAndThoseThatViterbiHasRight) {
  CrfProblem problem(3, {4, 2});
  Labels best;
  problem.Marginals(&best);
  problem.targets = best;
  problem.SetLabels(1, {-1, (best[static_cast<std::size_t>(problem.layout.Row(1, 1))] + 1) % 3});
  EXPECT_EQ(problem.Loss().targets, 5);
  EXPECT_EQ(problem.Loss().counts[0], 4);
}

TEST(CrfLoss, IsZeroWithoutKnownTargets) {
  CrfProblem problem(3, {4, 2});
  problem.SetLabels(0, {-1, -1, -1, -1});
  problem.SetLabels(1, {-1, -1});
  StepSums sums;
  for (const double d : problem.Gradient(&sums)) EXPECT_EQ(d, 0);
  EXPECT_EQ(sums.loss, 0);
  EXPECT_EQ(sums.targets, 0);
}

TEST(CrfLoss, IsInfiniteWithoutGradientWhereTargetsBreakTheOrder) {
  for (const Labels& labels : {Labels{0, 2, 2}, Labels{1, 2, 2}, Labels{1, -1, 1}}) {
    CrfProblem problem(3, {3}, Ring());
    problem.SetLabels(0, labels);
    StepSums sums;
    for (const double d : problem.Gradient(&sums)) EXPECT_EQ(d, 0);
    EXPECT_EQ(sums.loss, std::numeric_limits<double>::infinity());
  }
}

TEST(CrfLoss, IsNotANumberForEmissionsThatAreNotFinite) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    CrfProblem problem(3, {3, 2});
    problem.x[4] = bad;
    StepSums sums;
    const std::vector<double> gradient = problem.Gradient(&sums);
    EXPECT_TRUE(std::isnan(sums.loss));
    for (const double d : gradient) EXPECT_TRUE(std::isfinite(d));
  }
}

// The scaled sums and those with logarithms are two implementations of the same definition.
TEST(CrfLoss, IsTheSameWithLogarithms) {
  CrfProblem narrow(19, {200});
  narrow.SetLabels(0, Labels(150, -1));
  CrfProblem wide = narrow;
  // One parameter too far from the others for ordinary numbers; no label sequence uses it.
  narrow.parameters[1] = -200;
  wide.parameters[1] = -400;
  StepSums narrow_sums, wide_sums;
  const std::vector<double> gradient = narrow.Gradient(&narrow_sums);
  ExpectNear(wide.Gradient(&wide_sums), gradient);
  EXPECT_NEAR(wide_sums.loss, narrow_sums.loss, 1e-9);
}

// Forbidden labels have the largest emissions by far, so that ordinary numbers lose all others.
TEST(CrfLoss, IsThatOfTheDefinitionWithLogarithms) {
  CrfProblem problem(3, {5}, Ring());
  problem.SetLabels(0, {0, -1, -1, 2, -1});
  for (Index t = 0; t < 5; ++t) problem.x[static_cast<std::size_t>(3 * t + 1)] = -300;
  problem.x[1] = 200;
  problem.x[2] = 250;
  ExpectDefinition(problem);
}

TEST(CrfLoss, StaysFiniteForLargeEmissionsOfFloat) {
  for (const LabelOrder& order : {LabelOrder{}, Ring()}) {
    CrfProblem problem(3, {60}, order);
    for (double& x : problem.x) x = x > 0 ? 1e4 : -1e4;
    Labels labels(60, 2);
    labels[0] = labels[1] = 0;
    labels[2] = 1;
    labels[30] = labels[31] = -1;
    problem.SetLabels(0, labels);
    StepSums sums, exact;
    for (const float d : problem.Gradient<float>(&sums)) EXPECT_LE(std::abs(d), 61);
    for (const double d : problem.Gradient<double>(&exact)) EXPECT_LE(std::abs(d), 61);
    EXPECT_TRUE(std::isfinite(sums.loss));
    EXPECT_EQ(sums.loss, exact.loss);
    EXPECT_GT(sums.loss, 1e5);
  }
}

TEST(CrfLoss, StaysFiniteForVeryLongSequences) {
  CrfProblem problem(19, {100000});
  StepSums sums;
  double sum = 0;
  for (const float d : problem.Gradient<float>(&sums)) {
    ASSERT_TRUE(std::isfinite(d));
    sum += static_cast<double>(d);
  }
  EXPECT_TRUE(std::isfinite(sums.loss));
  EXPECT_GT(sums.loss, 100000);
  EXPECT_NEAR(sum, 0, 1);
}

bool HasSpan(const SpanTags& spans, const Labels& labels, const TagSpan& wanted) {
  for (auto span = spans.Next(labels, 0); span; span = spans.Next(labels, span->end))
    if (*span == wanted) return true;
  return false;
}

// Compares the probability of each span of the best labels with that of all label sequences that
// have it. Returns the number of spans.
Index ExpectSpanProbabilities(const CrfProblem& problem, const SpanTags& spans) {
  Labels best;
  std::vector<double> probabilities;
  problem.Marginals(&best, &spans, &probabilities);
  Index count = 0;
  for (Index b = 0; b < problem.layout.sequences(); ++b) {
    Labels own;
    std::vector<double> expected(static_cast<std::size_t>(problem.layout.Length(b)));
    for (Index t = 0; t < problem.layout.Length(b); ++t)
      own.push_back(best[static_cast<std::size_t>(problem.layout.Row(t, b))]);
    for (auto span = spans.Next(own, 0); span; span = spans.Next(own, span->end)) {
      ++count;
      expected[static_cast<std::size_t>(span->begin)] =
          CrfEnumeration(problem, b).Probability([&](const Labels& labels) {
            return HasSpan(spans, labels, *span);
          });
    }
    for (std::size_t t = 0; t < expected.size(); ++t) {
      const Index row = problem.layout.Row(static_cast<Index>(t), b);
      EXPECT_NEAR(probabilities[static_cast<std::size_t>(row)], expected[t], kDefinitionTolerance)
          << "step " << t << " of " << b;
    }
  }
  return count;
}

TEST(CrfMarginals, SpansHaveTheProbabilityOfAllLabelsThatHaveThem) {
  for (const TagScheme scheme : {TagScheme::kBio, TagScheme::kIobes}) {
    const Vocabulary tags = TagVocabulary(scheme, {"X", "Y"});
    Index spans = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const CrfProblem problem(std::ssize(tags.names), {4, 4, 3, 1}, tags.order, seed);
      spans += ExpectSpanProbabilities(problem, *SpanTags::Of(tags));
    }
    EXPECT_GE(spans, 8) << TagSchemeName(scheme);
  }
}

// One transition is too far from the others for ordinary numbers.
TEST(CrfMarginals, SpansHaveTheirProbabilityWithLogarithms) {
  for (const TagScheme scheme : {TagScheme::kBio, TagScheme::kIobes}) {
    const Vocabulary tags = TagVocabulary(scheme, {"X", "Y"});
    Index spans = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CrfProblem problem(std::ssize(tags.names), {4, 4, 3, 1}, tags.order, seed);
      problem.parameters[0] = -1000;  // no tag twice outside of spans
      spans += ExpectSpanProbabilities(problem, *SpanTags::Of(tags));
    }
    EXPECT_GE(spans, 8) << TagSchemeName(scheme);
  }
}

TEST(CrfMarginals, SpansOfLongSequencesHaveProbabilities) {
  const Vocabulary tags = TagVocabulary(TagScheme::kBio, {"X"});
  const CrfProblem problem(3, {2000}, tags.order);
  const SpanTags spans = *SpanTags::Of(tags);
  Labels best;
  std::vector<float> probabilities;
  const std::vector<float> logs = problem.Marginals<float>(&best, &spans, &probabilities);
  for (auto span = spans.Next(best, 0); span; span = spans.Next(best, span->end)) {
    const auto row = static_cast<std::size_t>(span->begin);
    const double first = std::exp(static_cast<double>(logs[3 * row + 1]));  // of B-X
    ASSERT_GE(probabilities[row], 0) << row;
    ASSERT_LE(probabilities[row], first + 1e-6) << row;
  }
}

TEST(CrfMarginals, TakeTheLargestEmissionsWhereTheOrderAllowsNothing) {
  // 0 must be first, 1 last, and neither may follow the other.
  const CrfProblem problem(2, {2}, {{{0}, {1}}, {0}, {1}});
  Labels best;
  EXPECT_EQ(problem.Marginals(&best), problem.x);
  EXPECT_EQ(best[0], problem.x[0] < problem.x[1] ? 1 : 0);
}

}  // namespace
}  // namespace lockstep
