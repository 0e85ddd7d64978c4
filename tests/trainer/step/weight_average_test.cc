#include "trainer/step/weight_average.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

// The average after each of these values of a parameter.
std::vector<double> Averages(const AverageOptions& options, const std::vector<double>& values) {
  std::vector<double> averages;
  double average = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    average += AverageShare(options, {}, static_cast<Index>(i) + 1) * (values[i] - average);
    averages.push_back(average);
  }
  return averages;
}

TEST(WeightAverage, OfTheFirstUpdateIsItsParameters) {
  for (const AverageKind kind :
       {AverageKind::kEma, AverageKind::kMean, AverageKind::kMeanOnPlateau}) {
    EXPECT_EQ(AverageShare({.kind = kind}, {}, 1), 1);
  }
}

TEST(WeightAverage, TheMeanIsThatOfAllFromThereOn) {
  const std::vector<double> found =
      Averages({.kind = AverageKind::kMean, .from = 2}, {7, 1, 2, 4, 9});
  const std::vector<double> means = {7, 1, 2, 3, 5};
  for (std::size_t i = 0; i < means.size(); ++i) EXPECT_DOUBLE_EQ(found[i], means[i]);
}

TEST(WeightAverage, TheMovingAverageForgetsTheFirstStepsSooner) {
  const AverageOptions options{.kind = AverageKind::kEma, .decay = 0.99};
  EXPECT_DOUBLE_EQ(AverageShare(options, {}, 2), 1 - 3.0 / 12);
  EXPECT_DOUBLE_EQ(AverageShare(options, {}, 5000), 1 - 0.99);
}

TEST(WeightAverage, ThatWaitsForAPlateauIsTheParametersUntilThen) {
  const AverageOptions options{.kind = AverageKind::kMeanOnPlateau};
  EXPECT_EQ(AverageShare(options, {.from = -1, .figures = {}}, 500), 1);
  EXPECT_EQ(AverageShare(options, {.from = 499, .figures = {}}, 500), 1);
  EXPECT_EQ(AverageShare(options, {.from = 499, .figures = {}}, 503), 0.25);
}

// The condition of Merity et al. 2018, algorithm 1, on all figures: begin if t > n and the figure
// is above the least of those before the last n.
Index FirstTrigger(const std::vector<double>& figures, Index n) {
  for (Index t = 0; t < static_cast<Index>(figures.size()); ++t) {
    if (t <= n) continue;
    const double least = *std::min_element(figures.begin(), figures.begin() + t - n);
    if (figures[static_cast<std::size_t>(t)] > least) return t;
  }
  return -1;
}

TEST(WeightAverage, BeginsWhereTheAlgorithmOfMeritySays) {
  const std::vector<std::vector<double>> runs = {
      {9, 8, 7, 6, 5, 4, 3, 2}, {9, 8, 7, 9, 9, 9, 9, 9}, {5, 9, 8, 7, 6, 5, 4, 3},
      {9, 5, 6, 5, 6, 5, 4, 6}, {1, 1, 1, 1, 1, 1, 1, 2},
  };
  for (Index n = 1; n <= 4; ++n) {
    const AverageOptions options{.kind = AverageKind::kMeanOnPlateau, .patience = n};
    for (const std::vector<double>& figures : runs) {
      AverageState state;
      for (std::size_t t = 0; t < figures.size(); ++t) {
        ObserveForAverage(options, figures[t], static_cast<Index>(t), &state);
      }
      EXPECT_EQ(state.from, FirstTrigger(figures, n)) << "n " << n << ", first " << figures[0];
      EXPECT_LE(state.figures.size(), static_cast<std::size_t>(n + 1));
    }
  }
}

TEST(WeightAverage, AFigureThatIsNotFiniteIsAPlateauAndIsNotStored) {
  const AverageOptions options{.kind = AverageKind::kMeanOnPlateau, .patience = 1};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  AverageState state;
  ObserveForAverage(options, nan, 1, &state);
  EXPECT_TRUE(state.figures.empty());
  ObserveForAverage(options, 3, 2, &state);
  ObserveForAverage(options, 2, 3, &state);
  ObserveForAverage(options, nan, 4, &state);
  EXPECT_EQ(state.from, 4);
}

TEST(AverageName, IsReadBack) {
  for (const char* name : {"off", "ema", "mean", "mean_on_plateau"}) {
    EXPECT_EQ(AverageName(AverageFromName(name)), name);
  }
  ExpectError(ExitCode::kUsage, "allowed are off, ema, mean and mean_on_plateau",
              [] { AverageFromName("polyak"); });
}

}  // namespace
}  // namespace lockstep
