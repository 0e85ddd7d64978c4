// Brings updated parameters from their owners to all ranks, piece by piece (piece_plan.h), in the
// order in which the next forward pass needs them, and while that pass computes. Each value enters
// a host only once (segment_spread.h).
//
// Messages move while Poll is called. All functions but WaitFor are for the main thread only.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "worker/comm/segment_spread.h"

namespace lockstep {

class ValueGather {
 public:
  // `routes` and `plan` must outlive this.
  ValueGather(const HostRoutes& routes, const PiecePlan& plan);

  // Begins to replace `values` [plan.count()]. From now on, elements may only be read after WaitFor
  // has returned for them, and the array stays in use until Finish has returned. Every rank must
  // call Begin, and then Updated once for every piece.
  void Begin(float* values);
  // Says that this rank has written the new values of the elements of the piece that it updates.
  void Updated(std::size_t piece);
  // Lets messages move.
  void Poll();
  // Any thread. Returns when the values below element `end` have arrived; returns true when it had
  // to wait. `is_main` must be true on the main thread, which lets messages move while it waits.
  bool WaitFor(Index end, bool is_main);
  // Returns when all values have arrived and nothing is under way.
  void Finish();
  // Ends the waiting of all threads in WaitFor, because the main thread has failed and will not
  // poll again.
  void Abandon() { available_.store(plan_.count(), std::memory_order_release); }

 private:
  struct PieceState {
    bool updated = true;
    SegmentSpread spread;
  };
  void Send(std::size_t piece);
  void MoveArrivals();
  template <typename Done>
  void PollUntil(const Done& done);

  const PiecePlan& plan_;
  std::vector<PieceState> states_;
  // Indices of pieces. Those before first_leaving_ have been sent completely, those before
  // next_to_send_ have begun to be sent, those before next_to_arrive_ are whole on this rank.
  std::size_t first_leaving_ = 0;
  std::size_t next_to_send_ = 0;
  std::size_t next_to_arrive_ = 0;
  std::atomic<Index> available_;  // elements below this index have arrived
};

}  // namespace lockstep
