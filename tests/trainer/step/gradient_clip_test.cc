#include "trainer/step/gradient_clip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/counter_rng.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {
namespace {

TEST(GradientClip, LeavesSmallNormsAlone) {
  GradientClip clip({.mode = ClipMode::kFixed, .max_norm = 2.0});
  EXPECT_EQ(clip.Factor(2.0), 1.0);
}

TEST(GradientClip, ScalesLargeNormsToTheBound) {
  GradientClip clip({.mode = ClipMode::kFixed, .max_norm = 2.0});
  EXPECT_DOUBLE_EQ(clip.Factor(8.0), 0.25);
}

TEST(GradientClip, OffNeverScales) {
  GradientClip clip({.mode = ClipMode::kOff, .max_norm = 2.0});
  EXPECT_EQ(clip.Factor(1e30), 1.0);
}

TEST(GradientClip, AdaptiveBoundIsTheQuantileOfRecentNorms) {
  GradientClip clip({.mode = ClipMode::kAdaptive, .max_norm = 1e9, .quantile = 0.5, .window = 21});
  for (int i = 1; i <= 40; ++i) clip.Factor(i);
  EXPECT_EQ(clip.history().size(), 21u);
  EXPECT_DOUBLE_EQ(clip.Factor(300.0), 30.0 / 300.0);  // median of 20 .. 40
}

TEST(GradientClip, AdaptiveGoesOnFromItsHistory) {
  const ClipOptions options{.mode = ClipMode::kAdaptive, .quantile = 0.9, .window = 50};
  GradientClip one(options), two(options);
  for (int i = 1; i <= 30; ++i) one.Factor(i);
  two.SetHistory(one.history());
  EXPECT_EQ(one.Factor(99.0), two.Factor(99.0));
}

TEST(SumOfSquares, AddsBlocksInAscendingOrderForEveryPlan) {
  const CounterRng rng(1, RandomPurpose::kTest);
  constexpr Index kBlocks = 40, kGrain = 16;
  const Communicator comm = Communicator::Single();
  std::vector<double> squares;
  double expected = 0;
  for (Index i = 0; i < kBlocks; ++i) {
    squares.push_back(std::exp(20 * rng.Normal(static_cast<std::uint64_t>(i))));
    expected += squares.back();
  }
  for (Index first : {Index{7}, Index{300}, kBlocks * kGrain}) {
    const PiecePlan plan({{first, kBlocks * kGrain}, {0, first}}, kBlocks * kGrain, 1,
                         {.grain = kGrain, .most_per_rank = 5 * kGrain, .least = kGrain});
    EXPECT_EQ(GlobalNorm(comm, plan).SumOfSquares(squares), expected);
  }
}

TEST(SumOfSquares, IsNotFiniteWhenABlockIsNot) {
  const Communicator comm = Communicator::Single();
  const PiecePlan plan({{0, 64}}, 64, 1, {.grain = 16});
  std::vector<double> squares(4, 1.0);
  squares[2] = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(std::isfinite(GlobalNorm(comm, plan).SumOfSquares(squares)));
}

}  // namespace
}  // namespace lockstep
