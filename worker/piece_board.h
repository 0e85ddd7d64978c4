// Which pieces of the gradient are final: each member of a team says so for its own sums, the last
// one adds the members' sums together and hangs the piece out for the main thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

namespace lockstep {

class PieceBoard {
 public:
  explicit PieceBoard(std::size_t pieces) : arrived_(pieces), ready_(pieces) {}

  void Reset() {
    for (std::atomic<int>& count : arrived_) count.store(0, std::memory_order_relaxed);
    for (std::atomic<bool>& ready : ready_) ready.store(false, std::memory_order_relaxed);
    failed_.store(false, std::memory_order_relaxed);
  }
  // What the member wrote before is seen by the one for whom this is true, the last of `members`.
  bool Arrive(std::size_t piece, int members) {
    return arrived_[piece].fetch_add(1, std::memory_order_acq_rel) + 1 == members;
  }
  void SetReady(std::size_t piece) { ready_[piece].store(true, std::memory_order_release); }
  bool Ready(std::size_t piece) const { return ready_[piece].load(std::memory_order_acquire); }
  // A member threw: what it has not finished will never be ready.
  void Fail() { failed_.store(true, std::memory_order_release); }
  bool failed() const { return failed_.load(std::memory_order_acquire); }

 private:
  std::vector<std::atomic<int>> arrived_;
  std::vector<std::atomic<bool>> ready_;
  std::atomic<bool> failed_ = false;
};

}  // namespace lockstep
