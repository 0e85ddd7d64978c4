#include "worker/kernels/weight_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace lockstep {
namespace {

const CounterRng kRng(5, RandomPurpose::kDropout, 1, 2);

// Noise of standard deviation 1 on zeros.
std::vector<float> Noise(const CounterRng& rng, Index count) {
  const std::vector<float> zeros(static_cast<std::size_t>(count), 0.0f);
  std::vector<float> noisy(zeros.size());
  AddWeightNoise(rng, 1, 0, count, zeros.data(), noisy.data());
  return noisy;
}

TEST(WeightNoise, IsTheScaledSumOfTheHalvesOfABlock) {
  const std::vector<float> noise = Noise(kRng, 100);
  for (std::size_t i = 0; i < noise.size(); ++i) {
    double sum = 0;
    for (const std::uint32_t word : kRng.BlockAt(i)) sum += word % 65536 + word / 65536;
    // Eight uniform numbers 0 .. n - 1 have the mean 8 (n - 1) / 2 and the variance 8 (n^2 - 1)
    // / 12.
    const double n = 65536, expected = (sum - 4 * (n - 1)) / std::sqrt(8 * (n * n - 1) / 12);
    EXPECT_NEAR(noise[i], expected, 1e-6) << i;
  }
}

// The moments of the sum of eight uniform numbers: variance 1, fourth moment 3 - 1.2 / 8.
TEST(WeightNoise, HasTheMomentsOfANearlyNormalNumber) {
  constexpr Index kCount = 200000;
  double sum = 0, squares = 0, fourth = 0;
  for (const double z : Noise(kRng, kCount)) {
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
  }
  const double five_sigma = 5 / std::sqrt(kCount);
  EXPECT_NEAR(sum / kCount, 0, five_sigma);
  EXPECT_NEAR(squares / kCount, 1, five_sigma * std::sqrt(2));
  EXPECT_NEAR(fourth / kCount, 2.85, five_sigma * std::sqrt(96));
}

TEST(WeightNoise, OfNeighboursIsUncorrelated) {
  constexpr std::size_t kCount = 200000;
  const std::vector<float> noise = Noise(kRng, kCount);
  for (std::size_t lag : {1, 2, 4, 8, 64}) {
    double sum = 0;
    for (std::size_t i = lag; i < kCount; ++i) sum += double{noise[i]} * noise[i - lag];
    EXPECT_NEAR(sum / kCount, 0, 5 / std::sqrt(kCount)) << "lag " << lag;
  }
}

// Layers ask for their parameters one after another.
TEST(WeightNoise, OfPartsIsThatOfTheWhole) {
  constexpr Index kCount = 500;
  const std::vector<float> x(kCount, 2.5f);
  std::vector<float> whole(kCount), parts(kCount);
  AddWeightNoise(kRng, 0.1f, 0, kCount, x.data(), whole.data());
  Index begin = 0;
  for (const Index end : {1, 3, 64, 65, 200, 201, 500}) {
    AddWeightNoise(kRng, 0.1f, begin, end, x.data(), parts.data());
    begin = end;
  }
  EXPECT_EQ(parts, whole);
}

TEST(WeightNoise, IsAnotherWithAnotherGenerator) {
  EXPECT_EQ(Noise(kRng, 100), Noise(kRng, 100));
  EXPECT_NE(Noise(kRng, 100), Noise(CounterRng(5, RandomPurpose::kDropout, 1, 3), 100));
}

}  // namespace
}  // namespace lockstep
