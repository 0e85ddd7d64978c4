// Adds the gradients of all slots over all ranks, in the order of the tree (reduction_tree.h),
// piece by piece (piece_plan.h) as backward finishes them.
//
// Each rank brings the sums of the complete subtrees of its slots. For segment r of a piece, every
// rank sends its sums to rank r, the owner, which adds them up to the root of the tree. This moves
// about as many bytes as an allreduce, but keeps the order of additions fixed. When ranks share
// hosts, the owner's deputy on each host first adds the subtrees that are neighbours in the tree,
// and only the remaining sums travel between hosts (host_routes.h), those of sparse pieces without
// their zeros (zero_blocks.h). On many ranks, small pieces are added in groups of ranks instead, in
// more rounds of fewer messages (group_sum.h). The finished sums of a replicated piece are then
// sent to all ranks.
//
// Messages move only while Poll is called, so it must be called often during backward. Main thread
// only. In each step, every rank must start each piece once; the order does not matter.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/thread_team.h"
#include "worker/comm/group_sum.h"
#include "worker/comm/piece_parts.h"
#include "worker/comm/segment_spread.h"
#include "worker/comm/zero_blocks.h"

namespace lockstep {

class GradientReducer {
 public:
  // For gradients of `slots` slots in all. `routes` and `plan` must outlive this.
  GradientReducer(const HostRoutes& routes, Index slots, const PiecePlan& plan);

  // Begins a step. `subtrees` are this rank's sums, one array [plan.count()] per node of
  // CompleteSubtrees of its slots, in that order. They need not be final: Start says so for each
  // piece. The arrays are used, and their contents destroyed, until the step is finished.
  void Begin(const std::vector<float*>& subtrees);
  // Says that this rank's sums of a piece are final, and starts to send them.
  void Start(std::size_t piece);
  // Lets messages move, and adds the sums that have arrived.
  void Poll();
  // Polls, adding with all threads of `team`, until this rank's segment of every piece is summed
  // over all slots and MPI has all messages that other ranks need for their sums. All pieces must
  // have been started.
  void FinishSums(ThreadTeam* team);
  // After FinishSums: polls until the sums of all replicated pieces have arrived and nothing is
  // under way.
  void FinishReplicas();
  // Like FinishReplicas, but only lets messages move once and returns whether all is done.
  bool ReplicasDone();

  // The sum over all slots, in the flat array. Only the elements in plan.UpdatedBy(rank) are valid
  // on this rank: those it owns after FinishSums, all of them after FinishReplicas. Valid until the
  // next Begin.
  const float* sum() { return parts_.sum(); }
  // The sum of squares of each block (plan.grain() elements) of the flat array, set by FinishSums
  // for the blocks that this rank owns; the entries of other blocks are never set. Not finite when
  // an element of the block is not finite.
  std::span<const double> block_squares() const { return parts_.block_squares(); }

  // Does Begin, Start of every piece, FinishSums and FinishReplicas.
  void Reduce(const std::vector<float*>& subtrees, ThreadTeam* team);

  // Bytes of the memory for received sums and for block_squares().
  Index bytes() const;
  // Bytes of the memory for received sums only.
  static Index ReceivedBytes(const HostRoutes& routes, Index slots, const PiecePlan& plan);

 private:
  // A piece goes through these states in this order. It skips the two inside the host if no other
  // rank shares this host, and kReplicating if the piece is not replicated. A piece that is added
  // in groups takes turns between kBetween and kArrived, once per level.
  enum class State {
    kWaiting,        // not started
    kInside,         // exchanging sums inside the host
    kArrivedInside,  // all of them are here; to be added up
    kBetween,        // exchanging sums between hosts
    kArrived,        // all of them are here; to be added up
    kSummed,         // this rank's segment is final; own messages may still be under way
    kReplicating,    // exchanging finished sums
    kDone
  };
  // A message without its zeros.
  struct Packed {
    std::span<float> values;  // room for all of them
    Index received = 0;
  };
  struct PieceState {
    State state = State::kDone;
    Messages inside;                 // receives from ranks of this host
    Messages between;                // receives from other hosts
    Messages departures;             // sends to both
    std::optional<GroupSum> groups;  // does the above for a piece that is added in groups
    std::optional<SegmentSpread> replicas;
    std::vector<Packed> packed;  // what comes from other hosts, if the piece is sparse
  };

  void PostArrivals(std::size_t piece);
  void ReceiveBetween(std::size_t piece, float* part, int from);
  void SendBetween(std::size_t piece);
  void UnpackBetween(std::size_t piece);
  void Progress();
  void Advance(std::size_t piece);
  void AdvanceDirect(std::size_t piece);
  void AdvanceInGroups(std::size_t piece);
  bool MayReplicate(std::size_t piece) const;
  void Replicate(std::size_t piece);
  void AdvanceReplicas(std::size_t piece);
  void AddUpArrived(ThreadTeam* team);
  void AddUpPiece(std::size_t piece, int member, int members);
  void GoOn(std::size_t piece);
  bool All(State at_least) const;
  bool AllSumsUnderWay() const;

  const HostRoutes& routes_;
  const PiecePlan& plan_;
  PieceParts parts_;
  ZeroBlocks zero_blocks_;
  std::vector<PieceState> states_;
  std::vector<std::size_t> arrived_;  // pieces being added up
  int replicating_ = 0;               // number of pieces in kReplicating
  std::size_t replicas_begun_ = 0;    // pieces that have entered kReplicating in this step
  std::vector<float*> subtrees_;
};

}  // namespace lockstep
