#include "base/checksum.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <utility>
#include <vector>

namespace lockstep {
namespace {

std::vector<float> Values(std::size_t count) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(0.25f * static_cast<float>(i % 97) - 3);
  return values;
}

void FlipBit(float* value, int bit) {
  *value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(*value) ^ (std::uint32_t{1} << bit));
}

TEST(Checksum, EveryFlippedBitChangesIt) {
  for (std::size_t count : {1, 31, 32, 1024, 1061}) {
    std::vector<float> values = Values(count);
    const std::uint64_t whole = ChecksumOf(values);
    for (float& value : values) {
      for (int bit = 0; bit < 32; ++bit) {
        FlipBit(&value, bit);
        ASSERT_NE(ChecksumOf(values), whole) << "bit " << bit << " of " << &value - values.data();
        FlipBit(&value, bit);
      }
    }
    EXPECT_EQ(ChecksumOf(values), whole);
  }
}

// The sums of a lane take no notice of signs that flip in two places; the places do.
TEST(Checksum, TwoFlippedBitsAndExchangedValuesChangeIt) {
  std::vector<float> values = Values(1024);
  const std::uint64_t whole = ChecksumOf(values);
  for (std::size_t other = 1; other < values.size(); ++other) {
    for (int bit : {0, 22, 31}) {
      FlipBit(&values[0], bit);
      FlipBit(&values[other], bit);
      ASSERT_NE(ChecksumOf(values), whole) << "bit " << bit << " of 0 and " << other;
      FlipBit(&values[0], bit);
      FlipBit(&values[other], bit);
    }
    if (values[0] == values[other]) continue;
    std::swap(values[0], values[other]);
    ASSERT_NE(ChecksumOf(values), whole) << "0 and " << other << " exchanged";
    std::swap(values[0], values[other]);
  }
}

TEST(AllFinite, SeesEachKindOfNoNumberInEachPlace) {
  using Limits = std::numeric_limits<float>;
  for (float bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
    std::vector<float> values = Values(70);
    values[3] = Limits::max();
    values[4] = Limits::denorm_min();
    EXPECT_TRUE(AllFinite(values));
    for (float& value : values) {
      const float good = std::exchange(value, bad);
      EXPECT_FALSE(AllFinite(values));
      value = good;
    }
  }
}

}  // namespace
}  // namespace lockstep
