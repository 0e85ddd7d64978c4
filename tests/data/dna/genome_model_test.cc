#include "data/dna/genome_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "data/dna/dna_corpus.h"

namespace lockstep {
namespace {

constexpr double kRounding = 1e-12;

TEST(GenomeModel, EmissionsAreDistributions) {
  const GenomeModel model;
  for (int before_last = 0; before_last < 5; ++before_last) {
    for (int last = 0; last < 5; ++last) {
      for (int state = 0; state < kGenomeStates; ++state) {
        double sum = 0;
        for (int base = 0; base < 4; ++base) {
          sum += model.Emission(before_last, last, base)[static_cast<std::size_t>(state)];
        }
        EXPECT_NEAR(sum, 1, kRounding) << before_last << last << " state " << state;
      }
    }
  }
}

TEST(GenomeModel, EmissionsOfACodonMultiplyToItsShareOfTheTable) {
  const GenomeModel model;
  std::vector<int> counts(64, 0);
  for (std::uint8_t codon : model.codon_table()) ++counts[codon];
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0), 65536);
  constexpr int kAny = GenomeModel::kUnknownBase;
  for (int codon = 0; codon < 64; ++codon) {
    const int reverse = ReverseComplementCodon(codon);
    const double share = counts[static_cast<std::size_t>(codon)] / 65536.0;
    for (const auto& [first_state, c] : {std::pair{1u, codon}, std::pair{4u, reverse}}) {
      const int b1 = c / 16, b2 = c / 4 % 4, b3 = c % 4;
      const double product = model.Emission(kAny, kAny, b1)[first_state] *
                             model.Emission(kAny, b1, b2)[first_state + 1] *
                             model.Emission(b1, b2, b3)[first_state + 2];
      EXPECT_NEAR(product, share, kRounding) << codon;
    }
  }
}

TEST(GenomeModel, StationaryDistributionStays) {
  const GenomeModel model;
  const StateVector now = model.Stationary();
  const StateVector later = model.Forward(now);
  double sum = 0;
  for (std::size_t s = 0; s < now.size(); ++s) {
    EXPECT_NEAR(later[s], now[s], kRounding);
    sum += now[s];
  }
  EXPECT_NEAR(sum, 1, kRounding);
}

// <Forward(a), b> = <a, Backward(b)> for all unit vectors: the two are one matrix and its
// transpose.
TEST(GenomeModel, BackwardIsTheTransposeOfForward) {
  const GenomeModel model;
  for (std::size_t i = 0; i < kGenomeStates; ++i) {
    for (std::size_t j = 0; j < kGenomeStates; ++j) {
      StateVector a{}, b{};
      a[i] = 1;
      b[j] = 1;
      EXPECT_EQ(model.Forward(a)[j], model.Backward(b)[i]) << i << " to " << j;
    }
  }
}

TEST(ReverseComplementCodon, IsItsOwnInverse) {
  EXPECT_EQ(ReverseComplementCodon(0 * 16 + 1 * 4 + 3), 0 * 16 + 2 * 4 + 3);  // ACT, AGT
  for (int codon = 0; codon < 64; ++codon) {
    EXPECT_EQ(ReverseComplementCodon(ReverseComplementCodon(codon)), codon);
  }
}

struct Drawn {
  std::vector<std::uint8_t> codes, labels;
};

Drawn Draw(std::uint64_t seed, std::size_t bases, std::size_t piece) {
  const GenomeModel model;
  GenomeGenerator generator(model, seed);
  Drawn drawn{std::vector<std::uint8_t>(bases), std::vector<std::uint8_t>(bases)};
  for (std::size_t at = 0; at < bases; at += piece) {
    const std::size_t size = std::min(piece, bases - at);
    generator.Next(std::span(drawn.codes).subspan(at, size),
                   std::span(drawn.labels).subspan(at, size));
  }
  return drawn;
}

TEST(GenomeGenerator, DoesNotDependOnThePieces) {
  const Drawn whole = Draw(5, 30000, 30000);
  for (std::size_t piece : {1u, 7u, 4096u}) {
    const Drawn pieces = Draw(5, 30000, piece);
    EXPECT_EQ(pieces.codes, whole.codes);
    EXPECT_EQ(pieces.labels, whole.labels);
  }
  EXPECT_NE(Draw(6, 30000, 30000).codes, whole.codes);
}

TEST(GenomeGenerator, DrawsTheClassesAsOftenAsTheModelSays) {
  constexpr std::size_t kBases = 6'000'000;
  constexpr double kFiveSigma = 0.02;  // about 5000 genes of 600 bases
  const Drawn drawn = Draw(1, kBases, kBases);
  const StateVector stationary = GenomeModel().Stationary();
  for (std::uint8_t label = 0; label < 3; ++label) {
    double expected = 0;
    for (int s = 0; s < kGenomeStates; ++s) {
      if (GenomeModel::ClassOf(s) == label) expected += stationary[static_cast<std::size_t>(s)];
    }
    const auto count = std::count(drawn.labels.begin(), drawn.labels.end(), label);
    EXPECT_NEAR(static_cast<double>(count) / kBases, expected, kFiveSigma);
  }
}

// Genes on the forward strand begin with whole codons, so each third base has the first preference.
TEST(GenomeGenerator, DrawsBasesOfACodonAsTheModelSays) {
  constexpr std::size_t kBases = 4'000'000;
  const Drawn drawn = Draw(1, kBases, kBases);
  const GenomeModel model;
  std::array<double, 4> firsts{};
  double codons = 0;
  std::size_t since = 0;
  for (std::size_t i = 1; i < kBases; ++i) {
    since = drawn.labels[i] == drawn.labels[i - 1] ? since + 1 : 0;
    if (drawn.labels[i] != kCodingPlusClass || since % 3 != 0) continue;
    ++firsts[drawn.codes[i]];
    ++codons;
  }
  constexpr int kAny = GenomeModel::kUnknownBase;
  for (int base = 0; base < 4; ++base) {
    EXPECT_NEAR(firsts[static_cast<std::size_t>(base)] / codons,
                model.Emission(kAny, kAny, base)[1], 5 * 0.5 / std::sqrt(codons));
  }
}

}  // namespace
}  // namespace lockstep
