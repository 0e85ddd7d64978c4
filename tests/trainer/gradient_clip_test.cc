#include "trainer/gradient_clip.h"

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

TEST(SumOfSquares, AgreesWithASumInLongDouble) {
  const CounterRng rng(1, RandomPurpose::kTest);
  std::vector<float> values(5 * kBlockElements);
  long double expected = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(rng.Normal(i));
    expected += static_cast<long double>(values[i]) * values[i];
  }
  const Segments segments = DivideIntoSegments(5 * kBlockElements, kBlockElements, 1);
  EXPECT_NEAR(SumOfSquares(Communicator::Single(), segments, values), static_cast<double>(expected),
              1e-9);
}

TEST(SumOfSquares, IsNotFiniteWhenAnElementIsNot) {
  const Segments segments = DivideIntoSegments(kBlockElements, kBlockElements, 1);
  for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                    -std::numeric_limits<float>::infinity()}) {
    std::vector<float> values(kBlockElements, 1.0f);
    values[777] = bad;
    EXPECT_FALSE(std::isfinite(SumOfSquares(Communicator::Single(), segments, values)));
  }
}

}  // namespace
}  // namespace lockstep
