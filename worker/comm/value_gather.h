// Brings updated parameters from their owners to everybody, in the order in which the next forward
// pass needs them, while it computes (piece_plan.h).
//
// Between hosts each value travels once to each host (segment_spread.h).
//
// Messages move while Poll is called. All but WaitFor is for the main thread.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "worker/comm/segment_spread.h"

namespace lockstep {

class ValueGather {
 public:
  // Both outlive this.
  ValueGather(const HostRoutes& routes, const PiecePlan& plan);

  // Begins to replace `values` [plan.count()], which nobody may read any more; they stay in use
  // until Finish. Every rank begins, then calls Updated once for every piece.
  void Begin(float* values);
  // What this rank updates of the piece has its new values.
  void Updated(std::size_t piece);
  // Moves what is under way.
  void Poll();
  // Any thread; the main thread moves messages while it waits. Returns when the values below `end`
  // have arrived; true when it had to wait.
  bool WaitFor(Index end, bool is_main);
  // Returns when all values have arrived and nothing is under way.
  void Finish();
  // Lets waiting threads go, because the main thread will not come back.
  void Abandon() { available_.store(plan_.count(), std::memory_order_release); }

 private:
  struct PieceState {
    bool updated = true;
    SegmentSpread spread;
  };
  void Send(std::size_t piece);
  void MoveArrivals();
  // Main thread.
  template <typename Done>
  void PollUntil(const Done& done);

  const PiecePlan& plan_;
  std::vector<PieceState> states_;
  std::size_t first_leaving_ = 0;  // pieces before it have left this rank
  std::size_t next_to_send_ = 0;
  std::size_t next_to_arrive_ = 0;
  std::atomic<Index> available_;  // elements below it have arrived
};

}  // namespace lockstep
