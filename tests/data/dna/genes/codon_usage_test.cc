#include "data/dna/genes/codon_usage.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lockstep {
namespace {

int WordOf(const std::vector<std::uint8_t>& bases) {
  int word = 0;
  for (const std::uint8_t base : bases) word = word * 4 + base;
  return word;
}

TEST(CodonUsage, WordsAreReadInTheDirectionOfTheirStrand) {
  const std::vector<std::uint8_t> codes = {0, 1, 2, 3, 0, 1, 1, 4, 2, 2, 2, 2, 2, 3};
  const StrandWords words = WordsOf(codes);
  EXPECT_EQ(words.plus[4], -1);  // too few before it
  EXPECT_EQ(words.plus[5], WordOf({0, 1, 2, 3, 0, 1}));
  EXPECT_EQ(words.plus[6], WordOf({1, 2, 3, 0, 1, 1}));
  EXPECT_EQ(words.plus[12], -1);  // an ambiguous base before it
  EXPECT_EQ(words.plus[13], WordOf({2, 2, 2, 2, 2, 3}));
  EXPECT_EQ(words.minus[8], WordOf({0, 1, 1, 1, 1, 1}));
  EXPECT_EQ(words.minus[0], WordOf({2, 3, 0, 1, 2, 3}));
  EXPECT_EQ(words.minus[2], -1);
}

TEST(CodonUsage, KnowsNothingBeforeItHasLearned) {
  const CodonUsage usage;
  EXPECT_EQ(usage.Score(0, 17), 0);
  EXPECT_EQ(CodonUsage({}, {}).Score(2, 17), 0);
}

// With many counts, the prior no longer matters, and scores are logs of ratios of shares.
TEST(CodonUsage, ScoresAreLogRatiosOfConditionalShares) {
  std::array<WordCounts, kCodonPositions> genes{};
  WordCounts genome{};
  const auto context = static_cast<std::size_t>(WordOf({0, 1, 2, 3, 0, 0}));
  for (std::size_t base = 0; base < 4; ++base) {
    genes[1][context + base] = base == 2 ? 7e6 : 1e6;
    genome[context + base] = base == 2 ? 4e6 : 2e6;
  }
  const CodonUsage usage(genes, genome);
  EXPECT_NEAR(usage.Score(1, static_cast<int>(context) + 2), std::log(0.7 / 0.4), 1e-4);
  EXPECT_NEAR(usage.Score(1, static_cast<int>(context) + 0), std::log(0.1 / 0.2), 1e-4);
  EXPECT_EQ(usage.Score(1, -1), 0);
}

// A context that was never seen says what shorter contexts say.
TEST(CodonUsage, UnseenContextsFallBackToShorterOnes) {
  std::array<WordCounts, kCodonPositions> genes{};
  WordCounts genome{};
  genome.fill(1000);
  genes[0][static_cast<std::size_t>(WordOf({3, 3, 3, 3, 3, 1}))] = 1e6;
  const CodonUsage usage(genes, genome);
  EXPECT_GT(usage.Score(0, WordOf({0, 0, 0, 0, 0, 1})), 1);
  EXPECT_LT(usage.Score(0, WordOf({0, 0, 0, 0, 0, 2})), -1);
}

// With even shares, 3 of 64 codons are stop codons.
TEST(CodonUsage, OpenFramesAreLessLikelyWhereStopCodonsAreFrequent) {
  const GeneticCode code = GeneticCode::FromNumber(11);
  const auto mean = [&](const std::array<double, 4>& shares) {
    const CodonUsage usage = CodonUsage::OfOpenFrames(code, shares);
    double sum = 0;
    for (int codon = 0; codon < kCodons; ++codon)
      sum += static_cast<double>(usage.Score(2, codon)) / kCodons;
    EXPECT_EQ(usage.Score(0, 5), 0);
    return sum;
  };
  const double even = mean({0.25, 0.25, 0.25, 0.25});
  EXPECT_NEAR(even, (2 * -std::log(0.5) + 3 * -std::log(0.75)) / kCodons, 0.02);
  EXPECT_GT(mean({0.35, 0.15, 0.15, 0.35}), even);
  EXPECT_LT(mean({0.15, 0.35, 0.35, 0.15}), even);
}

}  // namespace
}  // namespace lockstep
