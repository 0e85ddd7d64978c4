#include "worker/kernels/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

const CounterRng kRng(5, RandomPurpose::kDropout, 1, 2);

// What dropout makes of ones: the mask, scaled.
template <typename S = float>
std::vector<S> Mask(const CounterRng& rng, double probability, Index count) {
  std::vector<S> ones(static_cast<std::size_t>(count), S(1));
  ApplyDropout(rng, probability, count, ones.data());
  return ones;
}

TEST(Dropout, OfProbabilityZeroChangesNothing) {
  EXPECT_EQ(Mask(kRng, 0, 1000), std::vector<float>(1000, 1.0f));
}

TEST(Dropout, ZeroesTheShareThatWasAskedForAndScalesTheRest) {
  constexpr Index kCount = 200000;
  for (double p : {0.1, 0.25, 0.5, 0.9}) {
    Index zeros = 0;
    for (float x : Mask(kRng, p, kCount)) {
      if (x == 0) {
        ++zeros;
      } else {
        EXPECT_NEAR(x, 1 / (1 - p), 1e-3);  // p is rounded to 1 / 65536
      }
    }
    const double five_sigma = 5 * std::sqrt(p * (1 - p) / kCount);
    EXPECT_NEAR(static_cast<double>(zeros) / kCount, p, five_sigma + 1.0 / 65536);
  }
}

TEST(Dropout, KeepsTheMean) {
  constexpr Index kCount = 200000;
  double sum = 0;
  for (double x : Mask<double>(kRng, 0.3, kCount)) sum += x;
  constexpr double kFiveSigma = 5 * 0.6547 / 447.2;  // sqrt(p / (1 - p) / count)
  EXPECT_NEAR(sum / kCount, 1, kFiveSigma);
}

// Compares with the mask that single draws give, which use two halves of each of their words. In a
// process of its own, because kernels keep the instruction set of their first call.
[[noreturn]] void CompareWithSingleDraws(Isa isa) {
  constexpr Index kCount = 5000;
  SelectIsa(isa);
  const std::vector<float> mask = Mask(kRng, 0.4, kCount);
  for (Index i = 0; i < kCount; ++i) {
    const auto block = kRng.BlockAt(static_cast<std::uint64_t>(i / 8));
    const std::uint32_t word = block[static_cast<std::size_t>(i % 8 / 2)];
    const std::uint32_t draw = i % 2 == 0 ? word & 0xFFFF : word >> 16;
    if ((mask[static_cast<std::size_t>(i)] == 0) != (draw < 26214)) std::_Exit(1);  // 0.4 x 65536
  }
  std::_Exit(0);
}

TEST(DropoutDeathTest, HasTheSameMaskWithEachInstructionSet) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const Isa isa : {Isa::kSse4, Isa::kAvx2, Isa::kAvx512}) {
    if (isa > DetectIsa()) continue;
    EXPECT_EXIT(CompareWithSingleDraws(isa), testing::ExitedWithCode(0), "") << IsaName(isa);
  }
}

// Linear with the same mask each call: so the gradient of sum(d * dropout(x)) is dropout(d).
TEST(Dropout, DrawsTheSameMaskForBackward) {
  const std::vector<double> mask = Mask<double>(kRng, 0.4, 999);
  std::vector<double> x(999), expected(999);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = std::cos(static_cast<double>(i));
    expected[i] = x[i] * mask[i];
  }
  ApplyDropout(kRng, 0.4, 999, x.data());
  EXPECT_EQ(x, expected);
}

TEST(Dropout, DependsOnTheGeneratorAndNotOnTheCount) {
  const std::vector<float> mask = Mask(kRng, 0.5, 1000);
  EXPECT_NE(mask, Mask(CounterRng(5, RandomPurpose::kDropout, 1, 3), 0.5, 1000));
  EXPECT_NE(mask, Mask(CounterRng(5, RandomPurpose::kDropout, 2, 2), 0.5, 1000));
  EXPECT_NE(mask, Mask(CounterRng(6, RandomPurpose::kDropout, 1, 2), 0.5, 1000));
  for (Index count : {1, 7, 8, 9, 993}) {
    const std::vector<float> prefix(mask.begin(), mask.begin() + count);
    EXPECT_EQ(Mask(kRng, 0.5, count), prefix);
  }
}

TEST(Dropout, DropsNeighboursIndependently) {
  constexpr std::size_t kCount = 200000;
  const std::vector<float> mask = Mask(kRng, 0.5, kCount);
  for (std::size_t lag : {1, 2, 4, 8, 64}) {
    double both = 0;
    for (std::size_t i = lag; i < kCount; ++i) both += mask[i] == 0 && mask[i - lag] == 0 ? 1 : 0;
    constexpr double kFiveSigma = 5 * 0.433 / 447.2 * 1.5;  // overlapping pairs correlate
    EXPECT_NEAR(both / kCount, 0.25, kFiveSigma) << "lag " << lag;
  }
}

}  // namespace
}  // namespace lockstep
