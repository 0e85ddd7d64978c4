#include "base/portable_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace lockstep {
namespace {

TEST(Exponentials, AgreeWithTheLibrary) {
  std::vector<float> values;
  for (float value = -87; value < 88; value += 0.0137f) values.push_back(value);
  std::vector<float> found = values;
  Exponentials(found);
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_NEAR(found[i] / std::exp(static_cast<double>(values[i])), 1, 3e-7) << values[i];
  }
}

TEST(Exponentials, HaveBounds) {
  std::vector<float> values{-1000, -87, 1000, 88};
  Exponentials(values);
  EXPECT_EQ(values[0], values[1]);
  EXPECT_EQ(values[2], values[3]);
}

TEST(Logarithms, AgreeWithTheLibrary) {
  std::vector<float> values;
  for (float value = 1e-37f; value < 1e38f; value *= 1.0007f) values.push_back(value);
  std::vector<float> logs = values;
  Logarithms(std::numeric_limits<float>::min(), logs);
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const double expected = std::log(static_cast<double>(values[i]));
    ASSERT_NEAR(logs[i], expected, 0x1p-23 * 2 * std::max(1.0, std::abs(expected))) << values[i];
  }
}

TEST(Logarithms, HaveAFloor) {
  std::vector<float> values{0, -1, 1e-10f, 1, 0.5f};
  Logarithms(0.5f, values);
  EXPECT_EQ(values[3], 0);
  for (std::size_t i : {0u, 1u, 2u, 4u}) EXPECT_FLOAT_EQ(values[i], std::log(0.5f));
}

}  // namespace
}  // namespace lockstep
