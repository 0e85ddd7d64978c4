#include "data/stream/sample_cuts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

namespace lockstep {
namespace {

// The pieces of a sample, after checking that they follow each other from its first step to its
// last one.
std::vector<SamplePiece> PiecesOf(const SampleCuts& cuts, Index draw, std::uint64_t id,
                                  Index length) {
  std::vector<SamplePiece> pieces;
  Index next = 0;
  const Index count = cuts.Count(draw, id, length);
  for (Index piece = 0; piece < count; ++piece) {
    pieces.push_back(cuts.Piece(draw, id, length, piece));
    EXPECT_EQ(pieces.back().first, next);
    EXPECT_GT(pieces.back().steps, 0);
    next += pieces.back().steps;
  }
  EXPECT_EQ(next, length);
  return pieces;
}

TEST(SampleCuts, UseEachStepOnceInPiecesOfFullLengthBetweenTheFirstAndTheLast) {
  for (Index steps = 1; steps <= 9; ++steps) {
    const SampleCuts cuts(steps, true, 5);
    for (Index length = 1; length <= 40; ++length) {
      for (Index epoch = 0; epoch < 20; ++epoch) {
        const auto pieces = PiecesOf(cuts, epoch, 7, length);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
          EXPECT_LE(pieces[i].steps, steps);
          if (i > 0 && i + 1 < pieces.size()) EXPECT_EQ(pieces[i].steps, steps);
        }
        if (length <= steps) EXPECT_EQ(pieces.size(), 1u);
        EXPECT_LE(std::ssize(pieces), MostPieces(1, length, steps));
      }
    }
  }
}

// With 20000 draws over 8 borders, the standard deviation of a count is 47; five of them.
TEST(SampleCuts, DrawEachFirstBorderEquallyOftenOverEpochsAndOverSamples) {
  constexpr Index kDraws = 20000, kBorders = 8;
  const SampleCuts cuts(kBorders, true, 1);
  std::map<Index, Index> of_epochs, of_samples;
  for (Index i = 0; i < kDraws; ++i) {
    ++of_epochs[cuts.Piece(i, 3, 100, 0).steps];
    ++of_samples[cuts.Piece(3, static_cast<std::uint64_t>(i), 100, 0).steps];
  }
  for (const auto& counts : {of_epochs, of_samples}) {
    EXPECT_EQ(counts.size(), static_cast<std::size_t>(kBorders));
    for (const auto& [border, count] : counts) {
      EXPECT_NEAR(static_cast<double>(count), kDraws / kBorders, 235) << "border " << border;
    }
  }
}

TEST(SampleCuts, AreAFunctionOfSeedEpochAndSample) {
  const SampleCuts cuts(1000, true, 1), same(1000, true, 1), other(1000, true, 2);
  EXPECT_EQ(cuts.Piece(4, 9, 5000, 0).steps, same.Piece(4, 9, 5000, 0).steps);
  EXPECT_NE(cuts.Piece(4, 9, 5000, 0).steps, other.Piece(4, 9, 5000, 0).steps);
  EXPECT_NE(cuts.Piece(4, 9, 5000, 0).steps, cuts.Piece(5, 9, 5000, 0).steps);
  EXPECT_NE(cuts.Piece(4, 9, 5000, 0).steps, cuts.Piece(4, 10, 5000, 0).steps);
}

TEST(SampleCuts, AreAtMultiplesOfTheLengthIfNotDrawn) {
  const SampleCuts cuts(4, false, 1);
  for (const Index epoch : {0, 1, 2}) {
    const auto pieces = PiecesOf(cuts, epoch, 7, 10);
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(pieces[1].first, 4);
    EXPECT_EQ(pieces[2].steps, 2);
  }
}

TEST(SampleCuts, OfNothingAreWholeSamples) {
  EXPECT_EQ(SampleCuts().Count(1, 2, 100), 1);
  EXPECT_EQ(SampleCuts().Piece(1, 2, 100, 0).steps, 100);
  EXPECT_EQ(MostPieces(7, 1000, 0), 7);
}

// Compared with the most that any first border gives each of some samples.
TEST(MostPieces, AreNeverExceeded) {
  for (Index steps = 1; steps <= 7; ++steps) {
    Index sequences = 0, sum = 0, most = 0;
    for (const Index length : {1, 2, 3, 30, 7, 8, 9, 64, 5, 100}) {
      ++sequences;
      sum += length;
      most += length <= steps ? 1 : 1 + (length - 1 + steps - 1) / steps;
      EXPECT_GE(MostPieces(sequences, sum, steps), most) << steps << " steps, up to " << length;
      EXPECT_LE(MostPieces(sequences, sum, steps), sum);
    }
  }
}

// The mean over all first borders, counted one by one.
TEST(CutSize, IsTheMeanOverAllFirstBorders) {
  constexpr Index kSteps = 6;
  for (Index length = kSteps + 1; length < 40; ++length) {
    double pieces = 0;
    for (Index border = 1; border <= kSteps; ++border) {
      pieces += 1 + std::ceil(static_cast<double>(length - border) / kSteps);
    }
    EXPECT_NEAR(CutSize({1, static_cast<double>(length)}, kSteps).sequences, pieces / kSteps, 1e-9);
  }
  EXPECT_EQ(CutSize({3, 300}, 0).sequences, 3);
}

}  // namespace
}  // namespace lockstep
