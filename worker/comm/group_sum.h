// The sum of one small piece (piece_plan.h) over all ranks, level by level in the groups of
// rank_groups.h. On each level, this rank sends its sums of every other column to the member with
// that column, receives what the others have of its own column, and adds the subtrees that are
// neighbours in the reduction tree (reduction_tree.h). After the last level, one sum is left: that
// of all slots, for this rank's segment.
//
// Messages move only while Arrived and Left are called. All functions but Add are for the main
// thread only.
#pragma once

#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "worker/comm/messages.h"
#include "worker/comm/piece_plan.h"
#include "worker/comm/subtree_sum.h"

namespace lockstep {

class GroupSum {
 public:
  // For the gradients of `slots` slots. Takes the memory for what other ranks send. `tag` marks the
  // messages of this piece.
  GroupSum(const PiecePlan& plan, const Piece& piece, int rank, Index slots, int tag);

  // Begins a step. `subtrees` are this rank's sums as in GradientReducer::Begin. The finished sums
  // of this rank's segment will be written to the flat array `sum`, and the sums of squares of its
  // blocks to `block_squares` (GradientReducer::block_squares).
  void Begin(const std::vector<float*>& subtrees, float* sum, std::span<double> block_squares);
  // Says that this rank's sums of the piece are final, and sends those of the first level. Returns
  // true if this rank has nothing to add, because it leaves at once.
  bool Start();
  // Lets MPI work. Returns true when the sums of a level have arrived, which must then be added.
  bool Arrived();
  // Adds one member's share of the sums that have arrived.
  void Add(int member, int members) const;
  // Must be called when all members have added: goes on to the next level, and sends its sums.
  // Returns true if this rank has nothing more to add.
  bool GoOn();
  // Lets MPI work. Returns true when all that this rank has sent so far has left.
  bool Left() { return departures_.Done(); }
  bool AllUnderWay() const { return departures_.AllUnderWay(); }

  Index bytes() const { return received_.size() * static_cast<Index>(sizeof(float)); }
  // Bytes of that memory for a piece of a job that does not run.
  static Index ReceivedBytes(const PiecePlan& plan, const Piece& piece, int rank, Index slots);

 private:
  struct Level {
    RankGroups::Group group;
    SubtreeSum sum;                 // of the subtrees of all members, in order
    std::vector<Index> first_part;  // [members + 1]: where those of a member begin
    std::vector<float*> parts;      // the subtrees, for the elements of `own`
    ElementRange own;               // this rank's column; empty if it leaves
    Messages arrivals;
  };
  static std::vector<Level> LevelsOf(const PiecePlan& plan, const Piece& piece, int rank,
                                     Index slots);
  static Index ReceivedFloats(const std::vector<Level>& levels);
  void PlaceReceived();
  void PostArrivals(Level* level);
  bool SendLevel();
  ElementRange Column(const Level& level, Index column) const;

  const PiecePlan& plan_;
  const Piece& piece_;
  int tag_;
  std::vector<Level> levels_;
  AlignedBuffer<float> received_;
  std::size_t level_ = 0;     // the one whose sums are being exchanged
  std::vector<float*> mine_;  // sums that this rank brings to it
  Index mine_begin_ = 0;      // index of their first element in the flat array
  float* sum_ = nullptr;
  std::span<double> block_squares_;
  Messages departures_;
};

}  // namespace lockstep
