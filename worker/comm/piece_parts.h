// Where the parts of each piece's sum lie while they meet on this rank, and their addition in the
// order of the tree: first the parts that the ranks of this host bring, then what is left of each
// host. Knows nothing of messages (gradient_reducer.h). Pieces that are summed in groups of ranks
// have parts of their own (group_sum.h); only their finished sums and squares are kept here.
#pragma once

#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "worker/comm/piece_plan.h"
#include "worker/comm/sum_levels.h"

namespace lockstep {

class PieceParts {
 public:
  // Takes the memory for what others bring. Routes and plan outlive this.
  PieceParts(const HostRoutes& routes, Index slots, const PiecePlan& plan);

  // From now on this rank's own parts lie in `subtrees`, flat arrays [plan.count()], one for each
  // node of CompleteSubtrees(its slots).
  void PlaceOwn(const std::vector<float*>& subtrees);

  // Parts of levels().inside() of the segment of `owner`, one of routes.held().
  const std::vector<float*>& Inside(std::size_t piece, int owner) const {
    return pieces_[piece].inside[routes_.PlaceInHeld(owner)];
  }
  // Parts of levels().between() of this rank's segment.
  const std::vector<float*>& Between(std::size_t piece) const { return pieces_[piece].between; }
  const SumLevels& levels() const { return levels_; }
  ElementRange Segment(std::size_t piece, int owner) const {
    return plan_.pieces()[piece].OwnedBy(owner);
  }
  ElementRange Own(std::size_t piece) const { return Segment(piece, routes_.rank()); }

  // Adds one member's blocks of each segment whose owner this rank stands for on its host.
  void AddInside(std::size_t piece, int member, int members);
  // Adds one member's blocks of this rank's segment into sum(); their sums of squares as well.
  void AddBetween(std::size_t piece, int member, int members);

  // The flat array in which this rank's finished sums stand: its first subtree, or memory of its
  // own for a rank without slots, which has no subtree but a segment like all others.
  float* sum() { return subtrees_.empty() ? spare_.data() : subtrees_[0]; }

  // The sum of squares of each block of the flat array that this rank owns; others hold what they
  // held.
  std::span<const double> block_squares() const { return block_squares_; }
  std::span<double> block_squares() { return block_squares_; }
  // Bytes this holds for receiving, and for the squares.
  Index bytes() const;
  // What of that is for receiving, and for the sums of a rank without slots.
  static Index ReceivedBytes(const HostRoutes& routes, Index slots, const PiecePlan& plan);

 private:
  struct Parts {
    // For each owner in routes.held() its segment of every subtree of this host's ranks.
    std::vector<std::vector<float*>> inside;
    // This rank's segment of what is left of every host.
    std::vector<float*> between;
  };
  void PlaceReceived();
  void PlaceOwnOf(std::size_t piece);

  const HostRoutes& routes_;
  const PiecePlan& plan_;
  SumLevels levels_;
  ElementRange own_parts_;  // of those of this host
  std::vector<Parts> pieces_;
  AlignedBuffer<float> received_;
  AlignedBuffer<float> spare_;  // see sum()
  std::vector<float*> subtrees_;
  std::vector<double> block_squares_;
};

}  // namespace lockstep
