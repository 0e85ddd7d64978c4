#include "trainer/step/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/counter_rng.h"
#include "base/error.h"
#include "trainer/step/weight_average.h"
#include "worker/comm/communicator.h"

namespace lockstep {
namespace {

// Float against the same formula in double.
constexpr double kFloatTolerance = 2e-6;

// A matrix and a bias, so that weight decay can tell them apart.
ParameterLayout SmallLayout() {
  ParameterLayout layout;
  layout.Add("weight", {40, 30}, {});
  layout.Add("bias", {40}, {});
  return layout;
}

// One parameter's history under an update rule written down in double.
using Rule = std::function<void(double g, double decay, Index t, double* p, double* a, double* b)>;

class OptimizerTest : public testing::Test {
 protected:
  float Gradient(Index step, Index i) const {
    return static_cast<float>(CounterRng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(step))
                                  .Normal(static_cast<std::uint64_t>(i)));
  }

  std::vector<float> RunSegments(const OptimizerOptions& options, int segments, int threads) {
    std::vector<float> values(static_cast<std::size_t>(layout_.size()), 0.5f);
    const Segments parts = DivideIntoSegments(layout_.size(), kBlockElements, segments);
    for (int s = 0; s < segments; ++s) {
      // Two ranges, so that the second one's moments do not start where its elements do.
      const Index begin = parts.begin(s), end = parts.begin(s + 1), cut = (begin + end) / 2;
      Optimizer optimizer(options, layout_, {{begin, cut}, {cut, end}});
      for (Index step = 1; step <= kSteps; ++step) {
        optimizer.Begin({kRate, step, kScale});
        std::vector<float> gradient;
        for (Index i = 0; i < layout_.size(); ++i) gradient.push_back(Gradient(step, i));
        const auto run = [&](std::size_t range, Index from, Index to) {
          const Segments shares = DivideIntoSegments(to - from, 16, threads);
          for (int t = 0; t < threads; ++t) {
            optimizer.Step(range, {from + shares.begin(t), from + shares.begin(t + 1)},
                           gradient.data(), values.data());
          }
        };
        run(0, begin, cut);
        run(1, cut, end);
      }
    }
    return values;
  }

  void ExpectFollows(const OptimizerOptions& options, const Rule& rule) {
    const std::vector<float> values = RunSegments(options, 1, 1);
    for (const ParameterInfo& info : layout_.infos()) {
      for (Index i = info.offset; i < info.offset + info.count(); ++i) {
        double p = 0.5, a = 0, b = 0;
        for (Index t = 1; t <= kSteps; ++t) {
          rule(Gradient(t, i) * kScale, info.decays ? options.weight_decay : 0, t, &p, &a, &b);
        }
        ASSERT_NEAR(values[static_cast<std::size_t>(i)], p, kFloatTolerance) << info.name << i;
      }
    }
  }

  static constexpr Index kSteps = 5;
  static constexpr double kRate = 0.01;
  static constexpr double kScale = 0.25;
  ParameterLayout layout_ = SmallLayout();
};

TEST_F(OptimizerTest, SgdFollowsItsFormula) {
  ExpectFollows({.kind = OptimizerKind::kSgd, .weight_decay = 0.1},
                [](double g, double decay, Index, double* p, double*, double*) {
                  *p -= kRate * (g + decay * *p);
                });
}

TEST_F(OptimizerTest, MomentumFollowsItsFormula) {
  ExpectFollows({.kind = OptimizerKind::kSgd, .momentum = 0.9},
                [](double g, double, Index, double* p, double* m, double*) {
                  *m = 0.9 * *m + g;
                  *p -= kRate * *m;
                });
}

TEST_F(OptimizerTest, NesterovFollowsItsFormula) {
  ExpectFollows({.kind = OptimizerKind::kSgd, .momentum = 0.9, .nesterov = true},
                [](double g, double, Index, double* p, double* m, double*) {
                  *m = 0.9 * *m + g;
                  *p -= kRate * (g + 0.9 * *m);
                });
}

TEST_F(OptimizerTest, RmspropFollowsItsFormula) {
  ExpectFollows({.kind = OptimizerKind::kRmsprop, .rho = 0.95},
                [](double g, double, Index, double* p, double* s, double*) {
                  *s = 0.95 * *s + 0.05 * g * g;
                  *p -= kRate * g / (std::sqrt(*s) + 1e-8);
                });
}

void AdamRule(double g, Index t, double* p, double* m, double* v) {
  *m = 0.9 * *m + 0.1 * g;
  *v = 0.999 * *v + 0.001 * g * g;
  const double m_hat = *m / (1 - std::pow(0.9, t)), v_hat = *v / (1 - std::pow(0.999, t));
  *p -= 0.01 * m_hat / (std::sqrt(v_hat) + 1e-8);
}

TEST_F(OptimizerTest, AdamFollowsItsFormula) {
  ExpectFollows({.kind = OptimizerKind::kAdam, .weight_decay = 0.1},
                [](double g, double decay, Index t, double* p, double* m, double* v) {
                  AdamRule(g + decay * *p, t, p, m, v);
                });
}

TEST_F(OptimizerTest, AdamWDecaysApartFromTheGradient) {
  ExpectFollows({.kind = OptimizerKind::kAdamW, .weight_decay = 0.1},
                [](double g, double decay, Index t, double* p, double* m, double* v) {
                  *p *= 1 - kRate * decay;
                  AdamRule(g, t, p, m, v);
                });
}

TEST_F(OptimizerTest, DivisionIntoSegmentsAndThreadsDoesNotMatter) {
  const OptimizerOptions options{.kind = OptimizerKind::kAdam, .weight_decay = 0.1};
  const std::vector<float> whole = RunSegments(options, 1, 1);
  EXPECT_EQ(whole, RunSegments(options, 2, 1));
  EXPECT_EQ(whole, RunSegments(options, 1, 3));
}

// A running average beside the values, in every segment; the values do not depend on it.
TEST_F(OptimizerTest, KeepsTheMeanOfTheValuesAsItsLastMoment) {
  OptimizerOptions options{.kind = OptimizerKind::kAdam};
  const std::vector<float> alone = RunSegments(options, 1, 1);
  options.average.kind = AverageKind::kMean;
  EXPECT_EQ(Optimizer::MomentNames(options),
            (std::vector<std::string>{"first_moment", "second_moment", kAverageMoment}));
  Optimizer optimizer(options, layout_, {{0, layout_.size()}});
  std::vector<float> values(static_cast<std::size_t>(layout_.size()), 0.5f);
  std::vector<double> sums(values.size());
  for (Index step = 1; step <= kSteps; ++step) {
    optimizer.Begin({kRate, step, kScale, AverageShare(options.average, {}, step)});
    std::vector<float> gradient;
    for (Index i = 0; i < layout_.size(); ++i) gradient.push_back(Gradient(step, i));
    optimizer.Step(0, {0, layout_.size()}, gradient.data(), values.data());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(values[i]);
  }
  EXPECT_EQ(values, alone);
  for (const ParameterInfo& info : layout_.infos()) {
    for (Index i = info.offset; i < info.offset + info.count(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      ASSERT_NEAR(optimizer.MomentOf(2, 0)[at], sums[at] / kSteps, kFloatTolerance) << info.name;
    }
  }
}

// Neither gradient nor decay moves them, nothing is remembered of them, and their average is what
// they are; all others move as if nothing were frozen.
TEST_F(OptimizerTest, FrozenParametersStay) {
  OptimizerOptions options{.kind = OptimizerKind::kAdam, .weight_decay = 0.1};
  options.average.kind = AverageKind::kEma;
  const std::vector<float> all = RunSegments(options, 1, 1);
  options.freeze = "weight";
  EXPECT_EQ(RunSegments(options, 3, 2), RunSegments(options, 1, 1));
  Optimizer optimizer(options, layout_, {{0, layout_.size()}});
  std::vector<float> values(static_cast<std::size_t>(layout_.size()), 0.5f);
  for (Index step = 1; step <= kSteps; ++step) {
    optimizer.Begin({kRate, step, kScale, AverageShare(options.average, {}, step)});
    std::vector<float> gradient;
    for (Index i = 0; i < layout_.size(); ++i) gradient.push_back(Gradient(step, i));
    optimizer.Step(0, {0, layout_.size()}, gradient.data(), values.data());
  }
  const auto bias = static_cast<std::size_t>(layout_.infos()[1].offset);
  for (std::size_t i = 0; i < static_cast<std::size_t>(layout_.infos()[0].count()); ++i) {
    ASSERT_EQ(values[i], 0.5f);
    ASSERT_EQ(optimizer.MomentOf(0, 0)[i], 0);
    ASSERT_EQ(optimizer.MomentOf(1, 0)[i], 0);
    ASSERT_EQ(optimizer.MomentOf(2, 0)[i], 0.5f);
  }
  for (std::size_t i = bias; i < bias + 40; ++i) EXPECT_EQ(values[i], all[i]);
}

TEST_F(OptimizerTest, UnknownNameIsRefusedWithTheKnownOnes) {
  EXPECT_THROW(OptimizerFromName("adma"), InputError);
}

}  // namespace
}  // namespace lockstep
