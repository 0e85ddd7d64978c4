// Cuts the flat parameter layout into pieces: the units in which finished gradients leave a rank
// and new parameters come back, so that both overlap computation.
//
// Backward finishes the gradient in stages (head, then layers from the top). A piece is a run of
// whole blocks that are complete with the same stage; a block that two stages share belongs to the
// later one. Each piece is divided between the ranks: rank r owns segment r of each, finishes the
// sum there and updates it. Of a replicated piece every rank gets the summed gradient and updates
// all of it itself.
//
// Pieces depend on the number of ranks, results do not: everything done to them is elementwise or
// by block.
#pragma once

#include <vector>

#include "base/types.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct Piece {
  ElementRange range;       // borders at multiples of the grain
  std::size_t stage = 0;    // complete when backward has finished this one
  bool replicated = false;  // updated by all ranks, not by owners
  Segments segments;        // in elements of the flat array

  ElementRange OwnedBy(int rank) const {
    return {segments.begin(rank), segments.begin(rank) + segments.count(rank)};
  }
  // What a rank updates.
  ElementRange UpdatedBy(int rank) const { return replicated ? range : OwnedBy(rank); }
};

struct PieceOptions {
  Index grain = 1;  // elements that are never divided
  // Share of the elements, from those that backward finishes first, that is replicated.
  double replicated_share = 0;
  // A piece gives each rank a segment of at most this many elements (512 KiB of float): 4 ms at
  // 1 Gbit/s, few enough messages on 64 ranks.
  Index most_per_rank = Index{1} << 17;
  // A smaller piece joins a neighbour that is finished later.
  Index least = Index{1} << 14;
};

// What training uses. Where all ranks share a host, pieces of at least 256 KiB of float for each
// rank: below that, messages cost more than overlap brings. Over a network 32 KiB, since nothing
// hides the first and the last piece. With more than 16 ranks 64 KiB: each rank sends each other
// one a message of every piece, and a fast link carries 32 KiB in the time that sending them takes.
PieceOptions PiecesFor(int ranks, bool share_a_host, Index grain, double replicated_share = 0);

class PiecePlan {
 public:
  // `stages` in the order in which backward finishes them, within [0, count).
  PiecePlan(const std::vector<ElementRange>& stages, Index count, int ranks,
            const PieceOptions& options);

  // In ascending order of elements, which is the order in which forward needs them.
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Indices of pieces in the order in which backward finishes them.
  const std::vector<std::size_t>& finish_order() const { return finish_order_; }
  Index count() const { return count_; }
  Index grain() const { return grain_; }
  // What a rank updates of each piece; some may be empty.
  std::vector<ElementRange> UpdatedBy(int rank) const;

 private:
  void AddPieces(const ElementRange& blocks, std::size_t stage, Index most_blocks, int ranks);
  void Replicate(double share);

  Index count_;
  Index grain_;
  std::vector<Piece> pieces_;
  std::vector<std::size_t> finish_order_;
};

}  // namespace lockstep
