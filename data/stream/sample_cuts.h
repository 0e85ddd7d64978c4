// Cuts long samples into pieces, each of which is a sequence of a batch, at borders that differ
// from epoch to epoch. A sample of at most W steps is one piece. In a longer one, the first border
// is drawn uniformly from the steps 1 .. W by a random number of (seed, epoch, sample id), and the
// next borders follow every W steps; so the first and the last piece may be shorter than W, each
// step of the sample is in exactly one piece, and over the epochs all steps are equally often next
// to a border. Nothing here depends on ranks or on how the epoch was reached.
//
//   W = 4, a sample of 10 steps, first border drawn as 3:   0 1 2 | 3 4 5 6 | 7 8 9
#pragma once

#include <cstdint>

#include "base/types.h"
#include "data/stream/sample_reads.h"

namespace lockstep {

// Steps [first, first + steps) of a sample.
struct SamplePiece {
  Index first = 0;
  Index steps = 0;
};

class SampleCuts {
 public:
  SampleCuts() = default;  // cuts nothing: each sample is one piece
  // Pieces of `steps` steps; 0 cuts nothing. If they are not `drawn`, as for evaluation, the first
  // border is always after `steps` steps.
  SampleCuts(Index steps, bool drawn, std::uint64_t seed)
      : steps_(steps), drawn_(drawn), seed_(seed) {}

  bool cuts() const { return steps_ > 0; }

  // The pieces of a sample of `length` steps in an epoch and copy, given as DrawOf(epoch, copy).
  Index Count(Index draw, std::uint64_t sample_id, Index length) const;
  // Piece number `piece`, 0 <= piece < Count.
  SamplePiece Piece(Index draw, std::uint64_t sample_id, Index length, Index piece) const;

 private:
  Index FirstBorder(Index draw, std::uint64_t sample_id, Index length) const;

  Index steps_ = 0;
  bool drawn_ = false;
  std::uint64_t seed_ = 0;
};

// Plans number the pieces of a sample with this many at most.
inline constexpr Index kMostPiecesOfSample = (Index{1} << 19) - 1;

// Upper bound of the pieces that `sequences` samples with `steps` steps together can have.
Index MostPieces(Index sequences, Index steps, Index cut_steps);

// The pieces and steps of samples that have the given number and steps, on average over epochs.
// Exact if every sample is longer than `cut_steps`, otherwise too many.
EpochSize CutSize(const EpochSize& samples, Index cut_steps);

}  // namespace lockstep
