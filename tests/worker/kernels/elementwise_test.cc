#include "worker/kernels/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/counter_rng.h"
#include "tests/worker/kernels/each_isa.h"

namespace lockstep {
namespace {

template <typename S>
std::vector<S> Draw(Index count, std::uint64_t seed) {
  const CounterRng rng(seed, RandomPurpose::kTest);
  std::vector<S> values;
  for (Index i = 0; i < count; ++i) {
    values.push_back(static_cast<S>(rng.Normal(static_cast<std::uint64_t>(i))));
  }
  return values;
}

template <typename S>
void ExpectSum(Index count) {
  const std::vector<S> a = Draw<S>(count, 1), b = Draw<S>(count, 2);
  std::vector<S> sum = a;
  AddInPlace(count, b.data(), sum.data());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(sum[i], a[i] + b[i]);
}

TEST(AddInPlace, AddsEachElement) {
  ForEachIsa([](Isa) {
    for (Index count : {0, 1, 7, 16, 100}) {
      ExpectSum<float>(count);
      ExpectSum<double>(count);
    }
  });
}

// Against a loop in double. Each of `rows` roundings is at most epsilon of the absolute sum.
template <typename S>
void ExpectColumnSums(Index rows, Index cols, Index stride) {
  const std::vector<S> x = Draw<S>(rows * stride, 3), start = Draw<S>(cols, 4);
  std::vector<S> sums = start;
  AddColumnSums(rows, cols, x.data(), stride, sums.data());
  for (Index j = 0; j < cols; ++j) {
    double exact = start[static_cast<std::size_t>(j)], absolute = std::abs(exact);
    for (Index r = 0; r < rows; ++r) {
      const double element = x[static_cast<std::size_t>(r * stride + j)];
      exact += element;
      absolute += std::abs(element);
    }
    const double bound = absolute * static_cast<double>(rows) * std::numeric_limits<S>::epsilon();
    EXPECT_NEAR(sums[static_cast<std::size_t>(j)], exact, bound) << rows << "x" << cols;
  }
}

TEST(AddColumnSums, EqualsALoopInDouble) {
  ForEachIsa([](Isa) {
    for (Index rows : {0, 1, 3, 4, 5, 11, 64}) {
      for (Index cols : {1, 2, 15, 16, 33}) {
        ExpectColumnSums<float>(rows, cols, cols);
        ExpectColumnSums<float>(rows, cols, cols + 5);
        ExpectColumnSums<double>(rows, cols, cols + 5);
      }
    }
  });
}

// A column is added in the same order whether it stands in a vector or in the tail, on every
// instruction set.
TEST(AddColumnSums, GivesTheSameBitsWhereverAColumnStands) {
  const std::vector<float> x = Draw<float>(50 * 40, 5);
  std::vector<float> expected(40);
  AddColumnSums(50, 40, x.data(), 40, expected.data());
  ForEachIsa([&](Isa) {
    for (std::size_t j = 0; j < 40; ++j) {
      float alone = 0;
      AddColumnSums(50, 1, x.data() + j, 40, &alone);
      EXPECT_EQ(alone, expected[j]);
    }
  });
}

TEST(FillRows, CopiesTheBiasAndLeavesTheGaps) {
  const std::vector<float> bias{1, 2, 3};
  std::vector<float> x(2 * 4, 9);
  FillRows(2, 3, bias.data(), x.data(), 4);
  EXPECT_EQ(x, (std::vector<float>{1, 2, 3, 9, 1, 2, 3, 9}));
}

TEST(ApplyTanh, IsTanhAndItsBackwardTheSlope) {
  ForEachIsa([](Isa) {
    const std::vector<double> x = Draw<double>(21, 1), d_y = Draw<double>(21, 2);
    std::vector<double> y = x, d_x = d_y;
    ApplyTanh(21, y.data());
    TanhBackward(21, y.data(), d_x.data());
    for (std::size_t i = 0; i < 21; ++i) {
      EXPECT_NEAR(y[i], std::tanh(x[i]), 1e-14);
      EXPECT_NEAR(d_x[i], d_y[i] / std::pow(std::cosh(x[i]), 2), 1e-13);
    }
  });
}

}  // namespace
}  // namespace lockstep
