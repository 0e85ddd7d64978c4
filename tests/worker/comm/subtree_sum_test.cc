#include "worker/comm/subtree_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

TEST(BlockSquares, AgreesWithASumInLongDouble) {
  const CounterRng rng(1, RandomPurpose::kTest);
  for (Index count : {1, 15, 16, 17, 1000, 1024}) {
    std::vector<float> values;
    long double expected = 0;
    for (Index i = 0; i < count; ++i) {
      values.push_back(static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i))));
      expected += static_cast<long double>(values.back()) * values.back();
    }
    EXPECT_NEAR(BlockSquares(values.data(), count), static_cast<double>(expected), 1e-10) << count;
  }
}

TEST(BlockSquares, IsNotFiniteWhenAnElementIsNot) {
  for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                    -std::numeric_limits<float>::infinity()}) {
    std::vector<float> values(1024, 1.0f);
    values[777] = bad;
    EXPECT_FALSE(std::isfinite(BlockSquares(values.data(), 1024)));
  }
}

// Ranks with one, two and one subtree of seven slots; each may be the one whose array gets the sum.
TEST(SubtreeSum, AddsInTheOrderOfTheTree) {
  const std::vector<TreeNode> nodes = {{2, 0}, {1, 2}, {0, 6}};
  const std::vector<float> big = {1e8f, -1e8f, 3.0f};
  const float expected = big[0] + (big[1] + big[2]);
  ASSERT_NE(expected, (big[0] + big[1]) + big[2]);
  for (std::size_t target = 0; target < nodes.size(); ++target) {
    std::vector<std::vector<float>> parts;
    std::vector<float*> pointers;
    for (float value : big) parts.push_back(std::vector<float>(100, value));
    for (std::vector<float>& part : parts) pointers.push_back(part.data());
    SubtreeSum(7, nodes).Add(10, 90, pointers, pointers[target]);
    EXPECT_EQ(parts[target][10], expected);
    EXPECT_EQ(parts[target][89], expected);
    EXPECT_EQ(parts[target][9], big[target]);
    EXPECT_EQ(parts[target][90], big[target]);
  }
}

}  // namespace
}  // namespace lockstep
