// Brings arrays that are spread over the ranks (the moments of the optimiser: each rank holds those
// of the elements that it updates, see PiecePlan) to rank 0 while training continues. Begin copies
// them at once; the copies then travel as messages beside those of the next steps.
//
// All memory is allocated and touched at construction. Messages move while Poll is called. Main
// thread only. In Finish, a rank waits only for rank 0 to receive, and rank 0 only for data that
// the others have already copied, so the ranks may call Finish in different steps.
#pragma once

#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/thread_team.h"
#include "worker/comm/messages.h"
#include "worker/comm/piece_plan.h"

namespace lockstep {

class RootGather {
 public:
  // For `arrays` arrays at a time. `comm` and `plan` must outlive this.
  RootGather(const Communicator& comm, const PiecePlan& plan, std::size_t arrays);

  // Collective. Copies this rank's elements with all threads of `team` and starts to send them.
  // Each array in `mine` holds the ranges plan.UpdatedBy(rank), one after another. The previous
  // transfer must be done on this rank.
  void Begin(const std::vector<std::span<const float>>& mine, ThreadTeam* team);
  // Lets messages move.
  void Poll();
  // On rank 0: all arrays have arrived. On other ranks: this rank's elements have been sent.
  bool done() const { return done_; }
  // Polls until done().
  void Finish();

  // On rank 0, one of the arrays [plan.count()] of the last Begin, valid when done(); from then
  // until the next Begin the caller may change it. Empty on other ranks.
  std::span<float> whole(std::size_t array);
  std::span<const float> whole(std::size_t array) const;

 private:
  // A run of elements that Begin copies.
  struct Part {
    Index from;  // index of its first element in each array of `mine`
    Index to;    // index of its first element in each of copies_
    Index count;
  };
  void Copy(const std::vector<std::span<const float>>& mine, ThreadTeam* team);

  const Communicator& comm_;
  const PiecePlan& plan_;
  std::vector<Part> parts_;
  // Rank 0: the whole arrays. Other ranks: the parts one after another.
  std::vector<AlignedBuffer<float>> copies_;
  Messages messages_;
  bool done_ = true;
};

}  // namespace lockstep
