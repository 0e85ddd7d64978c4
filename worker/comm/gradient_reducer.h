// Adds the gradients of all slots over all ranks, in the order of the tree (reduction_tree.h),
// piece by piece (piece_plan.h) as backward finishes them.
//
// A rank brings the sums of the complete subtrees it owns. Segment r of a piece goes to rank r,
// which finishes the tree there: the traffic of an allreduce without its order of summation. Where
// ranks share hosts, its deputy on each host first adds what is neighbours in the tree there
// (host_routes.h). Of a replicated piece the finished sums go to everybody.
//
// Messages move while Poll is called, so it is called all through backward. All of it is for the
// main thread; every rank starts the pieces of a step once, in any order.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/thread_team.h"
#include "worker/comm/segment_spread.h"
#include "worker/comm/sum_levels.h"

namespace lockstep {

class GradientReducer {
 public:
  // Routes and plan outlive this.
  GradientReducer(const HostRoutes& routes, Index slots, const PiecePlan& plan);

  // Begins a step with this rank's sums [plan.count()], one for each node of CompleteSubtrees(its
  // slots), which Start will say to be final piece by piece.
  void Begin(const std::vector<float*>& subtrees);
  // The sums of this piece are final. They are destroyed.
  void Start(std::size_t piece);
  // Moves what is under way and adds what has arrived.
  void Poll();
  // Returns when all pieces, which must have been started, are summed on this rank as far as it
  // owns them, and nothing that others need for their sums waits for another call.
  void FinishSums(ThreadTeam* team);
  // Returns when the sums of all replicated pieces are everywhere, and nothing is under way.
  void FinishReplicas();
  // The same without waiting: moves what is under way.
  bool ReplicasDone();

  // The sum over all slots, a flat array of which this rank has what plan.UpdatedBy(rank) says.
  // Valid until the next Begin.
  const float* sum() const { return subtrees_[0]; }
  // The sum of squares of each block of the flat array that this rank owns; others hold what they
  // held. Not finite when an element is not.
  std::span<const double> block_squares() const { return block_squares_; }

  // All of the above at once.
  void Reduce(const std::vector<float*>& subtrees, ThreadTeam* team);

  // Bytes this holds for receiving, and for the squares.
  Index bytes() const;
  // What of that is for receiving.
  static Index ReceivedBytes(const HostRoutes& routes, Index slots, const PiecePlan& plan);

 private:
  // A piece goes through these in turn: inside the host, where there is anything to do, then
  // between hosts. After each of the two what has arrived is added up.
  enum class State {
    kWaiting,
    kInside,
    kArrivedInside,
    kBetween,
    kArrived,
    kSummed,
    kReplicating,
    kDone
  };
  struct PieceState {
    State state = State::kDone;
    Messages inside;   // that arrive
    Messages between;  // that arrive
    Messages departures;
    // For each owner in routes.held() its segment of every subtree of this host's ranks.
    std::vector<std::vector<float*>> host_parts;
    // This rank's segment of what is left of every host.
    std::vector<float*> parts;
    std::optional<SegmentSpread> replicas;
  };

  ElementRange Segment(std::size_t piece, int owner) const {
    return plan_.pieces()[piece].OwnedBy(owner);
  }
  ElementRange Own(std::size_t piece) const { return Segment(piece, routes_.rank()); }
  void PlaceReceived();
  void PlaceOwn(std::size_t piece);
  void PostArrivals(std::size_t piece);
  void SendBetween(std::size_t piece);
  void Progress();
  void Advance(std::size_t piece);
  bool MayReplicate(std::size_t piece) const;
  void Replicate(std::size_t piece);
  void AdvanceReplicas(std::size_t piece);
  void AddUpArrived(ThreadTeam* team);
  void AddUpPiece(std::size_t piece, int member, int members);
  void AddUpInside(std::size_t piece, int member, int members);
  void AddUp(std::size_t piece, int member, int members);
  bool All(State at_least) const;
  bool AllSumsUnderWay() const;

  const HostRoutes& routes_;
  const PiecePlan& plan_;
  SumLevels levels_;
  ElementRange own_parts_;  // of those of this host
  std::vector<PieceState> states_;
  std::vector<std::size_t> arrived_;  // pieces being added up
  int replicating_ = 0;               // pieces in that state
  std::size_t replicas_begun_ = 0;    // in this step
  AlignedBuffer<float> received_;
  std::vector<float*> subtrees_;
  std::vector<double> block_squares_;
};

}  // namespace lockstep
