// Cuts the flat parameter layout into pieces: the units in which finished gradients leave a rank
// and new parameters come back, so that both overlap computation.
//
// Backward finishes the gradient in stages: the head first, then the layers from the top. The flat
// array is divided into blocks of `grain` elements. A piece is a run of neighbouring whole blocks
// that are complete after the same stage; a block that holds elements of two stages belongs to the
// later one.
//
// Each piece is divided into one segment per rank. Rank r is the owner of segment r: it finishes
// the sum of the gradients there and updates the parameters. For a replicated piece, every rank
// gets the whole summed gradient and updates the whole piece itself.
//
// The segments of most pieces lie in the order of ranks, and each rank exchanges messages with all
// others. On many ranks, the segments of small pieces would be so small that starting messages
// takes longer than their bytes; these pieces are exchanged in groups of ranks (rank_groups.h),
// whose order their segments have. Some ranks then own nothing of them.
//
// The pieces depend on the number of ranks, the results do not: everything that is done to a piece
// works on single elements or on whole blocks.
#pragma once

#include <vector>

#include "base/types.h"
#include "worker/comm/communicator.h"
#include "worker/comm/rank_groups.h"

namespace lockstep {

struct Piece {
  ElementRange range;       // borders at multiples of the grain
  std::size_t stage = 0;    // the piece is complete when backward has finished this stage
  bool replicated = false;  // true: every rank updates all of it; false: each owner its segment
  bool sparse = false;      // true: most of its gradient is zero, so that zeros need not travel
  bool in_groups = false;   // true: summed and spread in groups of ranks, false: directly
  std::vector<ElementRange> segments;  // by rank, of the flat array; may be empty

  const ElementRange& OwnedBy(int rank) const { return segments[static_cast<std::size_t>(rank)]; }
  // The elements that a rank updates.
  ElementRange UpdatedBy(int rank) const { return replicated ? range : OwnedBy(rank); }
};

struct PieceOptions {
  Index grain = 1;  // elements of a block; no border of a piece or segment lies within a block
  // The pieces that backward finishes first are replicated, as long as they hold no more than this
  // share of all elements, [0, 1].
  double replicated_share = 0;
  // The most elements of one rank's segment of a piece. The default is 512 KiB of float: 4 ms at
  // 1 Gbit/s, and few enough messages on 64 ranks.
  Index most_per_rank = Index{1} << 17;
  // A run of blocks with fewer elements is joined to a neighbour that backward finishes later.
  Index least = Index{1} << 14;
  ElementRange sparse = {};  // pieces within it are sparse: those of an embedding
  // Pieces with fewer elements than this per rank are exchanged in groups. 0: none.
  Index in_groups_below = 0;
  Index ranks_per_host = 1;  // of RankGroups
  Index group_members = RankGroups::kLeastMembers;
};

// The options that training uses. The least size of a piece is, per rank,
//   256 KiB of float if all ranks share a host: for less, messages cost more time than the overlap
//           with computation saves;
//   32 KiB  over a network: a small size, because nothing hides the first and the last piece;
//   64 KiB  over a network with more than 16 ranks: each rank sends a message of every piece to
//           each other rank, and starting a message takes as long as a fast link needs for 32 KiB.
// `ranks_per_host` is what RanksOfEvenHosts says (rank_groups.h); it equals `ranks` if all share a
// host. From 64 ranks on, pieces with segments of less than 16 KiB are exchanged in groups, unless
// the ranks are placed unevenly on hosts.
PieceOptions PiecesFor(int ranks, int ranks_per_host, Index grain, double replicated_share = 0);

class PiecePlan {
 public:
  // `stages` are the ranges of elements within [0, count) that backward finishes, in that order.
  PiecePlan(const std::vector<ElementRange>& stages, Index count, int ranks,
            const PieceOptions& options);

  // The pieces in ascending order of elements, which is the order in which forward needs them.
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Indices of pieces in the order in which backward finishes them.
  const std::vector<std::size_t>& finish_order() const { return finish_order_; }
  Index count() const { return count_; }
  Index grain() const { return grain_; }
  int ranks() const { return ranks_; }
  // The groups in which pieces are exchanged that are marked in_groups.
  const RankGroups& groups() const { return groups_; }
  // The elements that a rank updates, one range per piece; ranges may be empty.
  std::vector<ElementRange> UpdatedBy(int rank) const;

 private:
  void AddPieces(const ElementRange& blocks, std::size_t stage, Index most_blocks);
  void DivideInGroups(Piece* piece) const;
  void Replicate(double share);

  Index count_;
  Index grain_;
  int ranks_;
  RankGroups groups_;
  std::vector<Piece> pieces_;
  std::vector<std::size_t> finish_order_;
};

}  // namespace lockstep
