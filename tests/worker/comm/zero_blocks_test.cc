#include "worker/comm/zero_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

using testing::Pointwise;

// Equal bits, so that -0 and NaN count, too.
MATCHER(HasTheBits, "") {
  return std::bit_cast<std::uint32_t>(std::get<0>(arg)) ==
         std::bit_cast<std::uint32_t>(std::get<1>(arg));
}

// What the other side makes of a message: what was sent, and then what happened to lie there.
std::vector<float> Sent(std::vector<float> values, Index* elements) {
  ZeroBlocks sender(std::ssize(values)), receiver(std::ssize(values));
  *elements = sender.Pack(values);
  std::fill(values.begin() + *elements, values.end(), 7.0f);
  receiver.Unpack(values, *elements);
  return values;
}

std::vector<float> Drawn(Index count, double share, std::uint64_t draw) {
  const CounterRng rng(1, RandomPurpose::kTest, draw);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    const auto block = static_cast<std::uint64_t>(i / ZeroBlocks::kBlock);
    if (rng.Uniform(1000000 + block) >= share) continue;
    values[static_cast<std::size_t>(i)] =
        static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  }
  return values;
}

TEST(ZeroBlocks, GiveBackEveryArray) {
  for (Index count : {1, 31, 32, 33, 63, 1024, 1025, 5000}) {
    for (double share : {0.0, 0.02, 0.3, 0.9, 1.0}) {
      const std::vector<float> values = Drawn(count, share, static_cast<std::uint64_t>(count));
      Index sent = 0;
      EXPECT_THAT(Sent(values, &sent), Pointwise(HasTheBits(), values)) << count << ", " << share;
      EXPECT_LE(sent, count);
    }
  }
}

TEST(ZeroBlocks, SendOnlyTheRowsThatOccurred) {
  constexpr Index kRows = 1000, kWidth = 256;  // eight blocks a row
  std::vector<float> gradient(kRows * kWidth);
  for (Index row : {3, 500, 999}) std::fill_n(gradient.begin() + row * kWidth, kWidth, 0.5f);
  Index sent = 0;
  EXPECT_THAT(Sent(gradient, &sent), Pointwise(HasTheBits(), gradient));
  EXPECT_EQ(sent, 3 * kWidth + kRows * kWidth / ZeroBlocks::kBlock / 32);
}

TEST(ZeroBlocks, SendAllWhereNothingIsGained) {
  const std::vector<float> dense = Drawn(5000, 1, 1);
  Index sent = 0;
  Sent(dense, &sent);
  EXPECT_EQ(sent, 5000);
}

TEST(ZeroBlocks, KeepNegativeZeroAndNotANumber) {
  std::vector<float> values(4096);
  values[100] = -0.0f;
  values[2000] = std::numeric_limits<float>::quiet_NaN();
  Index sent = 0;
  EXPECT_THAT(Sent(values, &sent), Pointwise(HasTheBits(), values));
  EXPECT_EQ(sent, 2 * ZeroBlocks::kBlock + 4096 / ZeroBlocks::kBlock / 32);
}

TEST(ZeroBlocks, RefuseWhatPackDidNotMake) {
  std::vector<float> values(4096);
  ZeroBlocks blocks(4096);
  const Index sent = blocks.Pack(values);
  EXPECT_DEATH(blocks.Unpack(values, sent + 1), "bug");
  EXPECT_DEATH(blocks.Unpack(values, 1), "bug");
}

}  // namespace
}  // namespace lockstep
