// Which pieces of the gradient are final, shared between the threads of a team without locks. Each
// member reports a piece when its own sums are final (Arrive). The last member to report it adds
// the members' sums together and marks the piece as ready (SetReady) for the main thread.
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
  // Reports that a member's sums of the piece are final. Returns true to the last of `members`
  // callers only; that caller sees everything that the others wrote before their calls.
  bool Arrive(std::size_t piece, int members) {
    return arrived_[piece].fetch_add(1, std::memory_order_acq_rel) + 1 == members;
  }
  void SetReady(std::size_t piece) { ready_[piece].store(true, std::memory_order_release); }
  bool Ready(std::size_t piece) const { return ready_[piece].load(std::memory_order_acquire); }
  // A member threw an exception: the pieces that it has not finished will never be ready.
  void Fail() { failed_.store(true, std::memory_order_release); }
  bool failed() const { return failed_.load(std::memory_order_acquire); }

 private:
  std::vector<std::atomic<int>> arrived_;
  std::vector<std::atomic<bool>> ready_;
  std::atomic<bool> failed_ = false;
};

}  // namespace lockstep
