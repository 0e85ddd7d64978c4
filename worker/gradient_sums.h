// Adds the gradients of one rank's slots. The result is one sum for each complete subtree of the
// reduction tree (comm/reduction_tree.h) that lies within the rank's slots; the class also knows
// which pieces (comm/piece_plan.h) of these sums are final, so that they can be sent.
//
// Each member of the team (a thread) computes a contiguous range of slots, one after another. The
// gradients of all its slots but the last are added whole: after each slot, as long as two sums are
// neighbours in the tree, the right one is added into the left one and its buffer is free again.
// Example: a member with slots 0 to 3 of 8 adds 1 into 0, keeps 2, and then computes slot 3.
//
// The gradient of a member's last slot is added piece by piece while backward still runs, so that
// finished pieces can leave early. When backward has finished a piece, the member does the
// remaining additions of its own sums for the elements of that piece only (in the example 3 into 2,
// then 2 into 0). The member that is the last one to finish a piece adds the sums of all members
// together, again only for these elements; then the piece is ready to leave the rank.
//
// All additions are those of the tree, in its order, so neither the number of members nor their
// timing changes a bit of the result.
//
// The gradient of an embedding of many symbols is zero but for the rows of the symbols that
// occurred in a slot. Only these rows are cleared and added (touched_rows.h). That changes no bit:
// the sum of a value and +0 is the value itself, and no sum is -0, because each begins with +0.
#pragma once

#include <memory>
#include <vector>

#include "base/aligned_buffer.h"
#include "worker/comm/piece_plan.h"
#include "worker/comm/reduction_tree.h"
#include "worker/models/row_table.h"
#include "worker/piece_board.h"
#include "worker/touched_rows.h"

namespace lockstep {

class GradientSums {
 public:
  // Adds the slots in `range` out of the `slots` slots of the global batch. A gradient has
  // `elements` elements, of which `table` is touched by rows; `members` threads share the work.
  GradientSums(Index slots, SlotRange range, int members, Index elements,
               const RowTable& table = {});

  // Allocates the buffers of a member. Must be called once, before anything else, by the member's
  // own thread, so that the memory lies near its core.
  void TakeMemory(int member);
  // A buffer of the member that may be used as scratch memory while no step runs.
  std::span<float> Scratch(int member);
  // The slots that a member computes; may be empty.
  SlotRange range(int member) const { return members_[static_cast<std::size_t>(member)].range; }
  Index bytes() const;
  // The buffers of all members of such an object together: each holds a gradient.
  static Index Buffers(Index slots, SlotRange range, int members);

  // Begins a step: forgets all sums. `slots` are those of this rank, which must stay until the sums
  // of the step are no longer used. Main thread only, before the members start.
  void Begin(const PiecePlan& plan, std::span<const SlotBatch> slots);

  // These four are called by the member's own thread. For each of its slots, in order, it calls
  // Take for a buffer of zeros that the slot's gradient is to be added to. When the slot is
  // computed it calls Add; for its last slot it instead calls FinishStage each time that backward
  // has finished a stage (an index into PiecePlan's `stages`), and FinishAll at the end.
  float* Take(int member, Index slot);
  void Add(int member, Index slot);
  void FinishStage(int member, std::size_t stage);
  void FinishAll(int member);
  // Any thread. Says that a member threw an exception: the pieces that it has not finished will
  // never be ready.
  void Fail() { board_->Fail(); }

  // Main thread. Ready: whether the sums of piece `piece` of the plan are final on this rank.
  // failed: whether a member has called Fail in this step.
  bool Ready(std::size_t piece) const { return board_->Ready(piece); }
  bool failed() const { return board_->failed(); }
  // Main thread, once any piece is ready. Sets `subtrees` to the arrays [elements] that hold the
  // sums of this rank's complete subtrees, in ascending order of slots. Only the elements of ready
  // pieces are final.
  void GetSubtrees(std::vector<float*>* subtrees) const;

 private:
  struct Buffer {
    AlignedBuffer<float> data;
    TouchedRows touched;       // rows of the table that may not be zero
    bool all_touched = false;  // true: any row may not be zero
  };
  using Sums = boost::container::small_vector<std::pair<TreeNode, Buffer*>, 40>;
  struct Member {
    SlotRange range;
    std::vector<Buffer> buffers;
    std::vector<Buffer*> free;
    Sums before_last;          // sums of the slots that are added whole
    Sums last;                 // the gradient of the slot being computed; one entry
    Sums subtrees;             // the nodes that before_last and last become when added
    std::size_t finished = 0;  // pieces finished so far, counted in finish_order()
  };
  Member& At(int member) { return members_[static_cast<std::size_t>(member)]; }
  template <typename Use>
  void ForEachRun(const ElementRange& range, std::span<const std::int32_t> rows,
                  const Use& use) const;
  // Adds the rows of the table that the gradient of a slot touches.
  void AddTouched(const SlotBatch& slot, TouchedRows* rows) const;
  void ClearData(Buffer* buffer) const;
  void GiveBack(Member* member) const;
  Sums AddNeighbours(const Sums& sums, const ElementRange& range) const;
  void FinishPiece(const Member& member, std::size_t piece);
  static Sums AllSumsOf(const Member& member);
  Sums SumsOfMembers() const;

  Index slots_;
  SlotRange range_;
  Index elements_;
  RowTable table_;
  const PiecePlan* plan_ = nullptr;
  std::span<const SlotBatch> batches_;  // of this rank's slots
  TouchedRows touched_;                 // by any of this rank's slots in this step
  std::vector<Member> members_;
  std::unique_ptr<PieceBoard> board_;
};

}  // namespace lockstep
