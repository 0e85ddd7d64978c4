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

// Ranks with one, two and one subtree of seven slots.
TEST(SubtreeSum, AddsInTheOrderOfTheTree) {
  const std::vector<TreeNode> nodes = {{2, 0}, {1, 2}, {0, 6}};
  const std::vector<float> big = {1e8f, -1e8f, 3.0f};
  const float expected = big[0] + (big[1] + big[2]);
  ASSERT_NE(expected, (big[0] + big[1]) + big[2]);
  std::vector<std::vector<float>> parts;
  std::vector<float*> pointers;
  for (float value : big) parts.push_back(std::vector<float>(100, value));
  for (std::vector<float>& part : parts) pointers.push_back(part.data());
  const SubtreeSum sum(7, nodes);
  sum.Add(10, 90, pointers);
  ASSERT_EQ(sum.sums().size(), 1u);
  const std::vector<float>& root = parts[sum.sums()[0].part];
  EXPECT_EQ(root[10], expected);
  EXPECT_EQ(root[89], expected);
  EXPECT_EQ(root[9], big[0]);
  EXPECT_EQ(root[90], big[0]);
}

// Slots 0, 1, 3, 6 and 7 of eight: 0-1 and 6-7 are whole, 3 stays alone.
TEST(SubtreeSum, AddsWhatCanBeAddedWhereSlotsAreMissing) {
  const SubtreeSum sum(8, {{0, 0}, {0, 1}, {0, 3}, {0, 6}, {0, 7}});
  std::vector<float> values = {1, 10, 100, 1000, 10000};
  std::vector<float*> parts;
  for (float& value : values) parts.push_back(&value);
  sum.Add(0, 1, parts);
  const std::vector<TreeNode> nodes = {{1, 0}, {0, 3}, {1, 3}};
  const std::vector<float> expected = {11, 100, 11000};
  ASSERT_EQ(sum.sums().size(), nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_EQ(sum.sums()[i].node, nodes[i]);
    EXPECT_EQ(*parts[sum.sums()[i].part], expected[i]);
  }
}

}  // namespace
}  // namespace lockstep
