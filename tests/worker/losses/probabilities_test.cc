#include "worker/losses/probabilities.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace lockstep {
namespace {

TEST(AddSoftmax, AddsTheSharesOfTheExponentials) {
  const std::array<float, 3> scores = {0, std::log(2.0F), std::log(5.0F)};
  std::array<double, 3> sums = {1, 0, 0};
  AddSoftmax(scores, sums);
  EXPECT_NEAR(sums[0], 1.125, 1e-7);
  EXPECT_NEAR(sums[1], 0.25, 1e-7);
  EXPECT_NEAR(sums[2], 0.625, 1e-7);
}

TEST(AddSoftmax, TakesScoresOfAnySize) {
  for (const float size : {-3e38F, -1000.0F, 1000.0F, 3e38F}) {
    std::array<double, 2> sums = {};
    AddSoftmax(std::array<float, 2>{size, size}, sums);
    EXPECT_EQ(sums, (std::array<double, 2>{0.5, 0.5})) << size;
  }
  std::array<double, 2> sums = {};
  AddSoftmax(std::array<float, 2>{0, -1e9F}, sums);
  EXPECT_EQ(sums, (std::array<double, 2>{1, 0}));
  EXPECT_TRUE(std::isfinite(std::log(kLeastProbability)));
}

}  // namespace
}  // namespace lockstep
