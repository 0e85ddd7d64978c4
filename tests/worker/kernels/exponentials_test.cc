// Exponentials of a softmax against those of the C library, bit by bit.
#include "worker/kernels/exponentials.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "base/counter_rng.h"
#include "tests/worker/kernels/each_isa.h"

namespace lockstep {
namespace {

void ExpectExponentials(const std::vector<float>& x, float max) {
  std::vector<float> taken = x;
  float expected = 0;
  for (const float value : x) expected += std::exp(value - max);
  const Index count = std::ssize(x);
  const float sum = SumOfExponentials(count, max, x.data());
  EXPECT_EQ(std::bit_cast<std::uint32_t>(sum), std::bit_cast<std::uint32_t>(expected));
  EXPECT_EQ(TakeExponentials(count, max, taken.data()), sum);
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(taken[i]),
              std::bit_cast<std::uint32_t>(std::exp(x[i] - max)))
        << x[i] << " - " << max;
  }
}

// Every 1999th float from -0 down to where exp is zero.
TEST(Exponentials, AreThoseOfTheLibraryBitByBit) {
  ForEachIsa([](Isa) {
    std::vector<float> x;
    for (std::uint32_t bits = 0x80000000u; std::bit_cast<float>(bits) > -120.0f; bits += 1999) {
      x.push_back(std::bit_cast<float>(bits));
    }
    ExpectExponentials(x, 0);
  });
}

TEST(Exponentials, AreSummedInAscendingOrder) {
  ForEachIsa([](Isa) {
    for (const Index count : {1, 2, 7, 8, 63, 64, 65, 1000, 33001}) {
      const CounterRng rng(1, RandomPurpose::kTest);
      std::vector<float> x;
      for (Index i = 0; i < count; ++i) {
        x.push_back(static_cast<float>(30 * rng.Normal(static_cast<std::uint64_t>(i))));
      }
      ExpectExponentials(x, *std::max_element(x.begin(), x.end()));
    }
  });
}

TEST(Exponentials, OfWhatIsNoNumberAreNoNumber) {
  ForEachIsa([](Isa) {
    for (const float odd : {std::numeric_limits<float>::quiet_NaN(), 1e30f,
                            -std::numeric_limits<float>::infinity()}) {
      std::vector<float> x(40, -1.0f);
      x[21] = odd;
      const float expected = 39 * std::exp(-1.0f) + std::exp(odd);
      const float sum = TakeExponentials(40, 0.0f, x.data());
      EXPECT_EQ(std::isnan(sum), std::isnan(expected)) << odd;
      EXPECT_EQ(std::isinf(sum), std::isinf(expected)) << odd;
      EXPECT_EQ(x[20], std::exp(-1.0f));
    }
  });
}

TEST(Exponentials, OfNothingAreZero) {
  EXPECT_EQ(TakeExponentials<float>(0, 0, nullptr), 0);
  EXPECT_EQ(SumOfExponentials<double>(0, 0, nullptr), 0);
}

}  // namespace
}  // namespace lockstep
