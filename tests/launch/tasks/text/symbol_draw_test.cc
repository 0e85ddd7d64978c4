#include "launch/tasks/text/symbol_draw.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace lockstep {
namespace {

// Logarithms of 0.5, 0.25, 0.15 and 0.1, and a shift that softmax does not see.
std::array<float, 4> Scores() {
  std::array<float, 4> scores{};
  const std::array<double, 4> shares = {0.25, 0.5, 0.1, 0.15};
  for (std::size_t i = 0; i < 4; ++i) scores[i] = static_cast<float>(std::log(shares[i]) + 40);
  return scores;
}

// How often each symbol is drawn, of all draws.
std::array<double, 4> SharesOf(const DrawOptions& options) {
  constexpr Index kDraws = 20000;
  SymbolDraw draw(options);
  std::array<double, 4> shares{};
  for (Index step = 0; step < kDraws; ++step)
    shares[static_cast<std::size_t>(draw.Draw(Scores(), 0, step))] += 1.0 / kDraws;
  return shares;
}

// Five standard deviations of a share of one half.
constexpr double kTolerance = 5 * 0.5 / 141;

void ExpectShares(const DrawOptions& options, const std::array<double, 4>& expected) {
  const std::array<double, 4> found = SharesOf(options);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(expected[i] > 0 || found[i] == 0) << i;
    EXPECT_NEAR(found[i], expected[i], kTolerance) << i;
  }
}

TEST(SymbolDraw, FollowsTheProbabilitiesOfTheModel) { ExpectShares({}, {0.25, 0.5, 0.1, 0.15}); }

TEST(SymbolDraw, TemperatureOneHalfSquaresProbabilities) {
  const double sum = 0.0625 + 0.25 + 0.01 + 0.0225;
  ExpectShares({.temperature = 0.5}, {0.0625 / sum, 0.25 / sum, 0.01 / sum, 0.0225 / sum});
  ExpectShares({.temperature = 0}, {0, 1, 0, 0});
}

TEST(SymbolDraw, TopKKeepsTheLikeliest) {
  ExpectShares({.top_k = 2}, {1.0 / 3, 2.0 / 3, 0, 0});
  ExpectShares({.top_k = 1}, {0, 1, 0, 0});
  ExpectShares({.top_k = 9}, {0.25, 0.5, 0.1, 0.15});
}

TEST(SymbolDraw, LimitsThatKeepAllDrawAsNone) {
  SymbolDraw none({}), all({.top_k = 4});
  for (Index step = 0; step < 50; ++step)
    EXPECT_EQ(all.Draw(Scores(), 0, step), none.Draw(Scores(), 0, step));
}

TEST(SymbolDraw, TopPKeepsTheSmallestSetWithThatShare) {
  ExpectShares({.top_p = 0.4}, {0, 1, 0, 0});
  ExpectShares({.top_p = 0.7}, {1.0 / 3, 2.0 / 3, 0, 0});
  ExpectShares({.top_p = 0.8}, {0.25 / 0.9, 0.5 / 0.9, 0, 0.15 / 0.9});
  ExpectShares({.top_k = 3, .top_p = 0.99}, {0.25 / 0.9, 0.5 / 0.9, 0, 0.15 / 0.9});
}

TEST(SymbolDraw, IsAFunctionOfSeedSampleAndStep) {
  SymbolDraw first({.seed = 3}), second({.seed = 3}), other({.seed = 4});
  int differences = 0;
  for (Index step = 49; step >= 0; --step) {
    const std::int32_t drawn = first.Draw(Scores(), 7, step);
    EXPECT_EQ(second.Draw(Scores(), 7, step), drawn);
    differences += other.Draw(Scores(), 7, step) == drawn ? 0 : 1;
  }
  EXPECT_GT(differences, 10);
}

TEST(SymbolDraw, ImpossibleSymbolsAreNotDrawn) {
  const std::array<float, 3> scores = {-1e30F, 0, -std::numeric_limits<float>::infinity()};
  SymbolDraw draw({});
  for (Index step = 0; step < 200; ++step) EXPECT_EQ(draw.Draw(scores, 0, step), 1);
}

}  // namespace
}  // namespace lockstep
