#include "base/counter_rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace lockstep {
namespace {

// Known answers from the authors' reference implementation (Random123, kat_vectors, philox4x32-10).
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(CounterRng::Philox({0, 0, 0, 0}, {0, 0}),
            (CounterRng::Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(CounterRng::Philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (CounterRng::Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(CounterRng::Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                               {0xa4093822, 0x299f31d0}),
            (CounterRng::Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRng, DependsOnEachOfItsArguments) {
  const CounterRng base(1, RandomPurpose::kTest, 2, 3);
  EXPECT_EQ(base.Bits(4), CounterRng(1, RandomPurpose::kTest, 2, 3).Bits(4));
  EXPECT_NE(base.Bits(4), base.Bits(5));
  EXPECT_NE(base.Bits(4), CounterRng(2, RandomPurpose::kTest, 2, 3).Bits(4));
  EXPECT_NE(base.Bits(4), CounterRng(1, RandomPurpose::kDropout, 2, 3).Bits(4));
  EXPECT_NE(base.Bits(4), CounterRng(1, RandomPurpose::kTest, 3, 3).Bits(4));
  EXPECT_NE(base.Bits(4), CounterRng(1, RandomPurpose::kTest, 2, 4).Bits(4));
}

TEST(CounterRng, UniformHasTheMomentsOfTheUniformDistribution) {
  const CounterRng rng(7, RandomPurpose::kTest);
  constexpr int kDraws = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.Uniform(static_cast<std::uint64_t>(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  constexpr double kFiveSigma = 5 * 0.2887 / 447.2;  // sd / sqrt(draws)
  EXPECT_NEAR(sum / kDraws, 0.5, kFiveSigma);
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, kFiveSigma);
}

TEST(CounterRng, NormalHasMeanZeroAndVarianceOne) {
  const CounterRng rng(7, RandomPurpose::kTest, 1);
  constexpr int kDraws = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.Normal(static_cast<std::uint64_t>(i));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.012);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.02);
}

TEST(CounterRng, ShufflesEveryItemOnce) {
  std::vector<int> items(1000);
  std::iota(items.begin(), items.end(), 0);
  CounterRng(3, RandomPurpose::kTest).Shuffle(std::span(items));
  EXPECT_FALSE(std::is_sorted(items.begin(), items.end()));
  std::sort(items.begin(), items.end());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(items[static_cast<std::size_t>(i)], i);
}

TEST(CounterRng, FillsManyBlocksWithWhatItGivesOneByOne) {
  const CounterRng rng(7, RandomPurpose::kTest, 8, 9);
  for (std::uint64_t first :
       {std::uint64_t{0}, std::uint64_t{0xFFFFFFF0}, std::uint64_t{1} << 40}) {
    std::array<std::uint32_t, 4 * CounterRng::kManyBlocks> words;
    rng.FillBlocks(first, words);
    for (std::size_t i = 0; i < words.size(); ++i) {
      EXPECT_EQ(words[i], rng.BlockAt(first + i / 4)[i % 4]) << "first " << first << " word " << i;
    }
  }
}

}  // namespace
}  // namespace lockstep
