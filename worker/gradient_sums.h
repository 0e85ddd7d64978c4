// The gradients of one rank's slots while they are added: buffers of each thread, sums of the
// complete subtrees of the reduction tree that the rank owns, and which pieces of them are final.
//
// Each member of the team (a thread) computes a contiguous range of slots. It adds the gradients of
// all its slots but the last as soon as two sums are neighbours in the tree. The last slot's
// gradient is added piece by piece, while backward still runs: as soon as a piece of it is final,
// this member's sums for the elements of that piece are complete; the member that comes last to a
// piece adds the members' sums together, and the piece may leave the rank. All additions are those
// of the tree, so neither the number of members nor their timing changes a bit.
#pragma once

#include <memory>
#include <vector>

#include "base/aligned_buffer.h"
#include "worker/comm/piece_plan.h"
#include "worker/comm/reduction_tree.h"
#include "worker/piece_board.h"

namespace lockstep {

class GradientSums {
 public:
  // For slots `range` of `slots`, gradients of `elements` elements, and so many members.
  GradientSums(Index slots, SlotRange range, int members, Index elements);

  // By the member's own thread, so that its memory lies near its core. Once, before anything else.
  void TakeMemory(int member);
  // Any buffer of a member, to compute in while no step runs.
  std::span<float> Scratch(int member) {
    return members_[static_cast<std::size_t>(member)].buffers[0].span();
  }
  // The slots of a member.
  SlotRange range(int member) const { return members_[static_cast<std::size_t>(member)].range; }
  Index bytes() const;

  // Main thread, before a step.
  void Begin(const PiecePlan& plan);

  // Member's thread, for each of its slots in order: a buffer for the slot's gradient, then either
  // Add, or for its last slot the stages as backward finishes them and FinishAll.
  float* Take(int member, Index slot);
  void Add(int member, Index slot);
  void FinishStage(int member, std::size_t stage);
  void FinishAll(int member);
  // Any thread: a member threw, so what it has not finished will never be ready.
  void Fail() { board_->Fail(); }

  // Main thread. Whether piece `piece` of the plan is final in all members, and whether a member
  // has failed.
  bool Ready(std::size_t piece) const { return board_->Ready(piece); }
  bool failed() const { return board_->failed(); }
  // Main thread, once a piece is ready: the sums of the complete subtrees of this rank, in
  // ascending order.
  void GetSubtrees(std::vector<float*>* subtrees) const;

 private:
  using Sums = boost::container::small_vector<std::pair<TreeNode, float*>, 40>;
  struct Member {
    SlotRange range;
    std::vector<AlignedBuffer<float>> buffers;
    std::vector<float*> free;
    Sums before_last;          // sums of the slots before the last
    Sums last;                 // the last slot's gradient
    Sums subtrees;             // what the two become
    std::size_t finished = 0;  // pieces, in the order in which backward finishes them
  };
  Member& At(int member) { return members_[static_cast<std::size_t>(member)]; }
  Sums AddNeighbours(const Sums& sums, const ElementRange& range) const;
  void FinishPiece(const Member& member, std::size_t piece);
  static Sums AllSumsOf(const Member& member);
  Sums SumsOfMembers() const;

  Index slots_;
  Index elements_;
  const PiecePlan* plan_ = nullptr;
  std::vector<Member> members_;
  std::unique_ptr<PieceBoard> board_;
};

}  // namespace lockstep
