// Brings arrays that are spread over ranks as a PiecePlan has them updated (optimiser moments) to
// rank 0, while training goes on: copied at once, then sent as messages that nobody waits for.
//
// The memory is taken and touched at construction. Messages move while Poll is called. All of it is
// for the main thread. A rank that waits in Finish waits for rank 0 only, and rank 0 waits only for
// what has been copied, so ranks may call it in different steps.
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
  RootGather(const Communicator& comm, const PiecePlan& plan, std::size_t arrays);

  // Collective. Copies with all threads of `team` what this rank updates: `mine` are the arrays,
  // each plan.UpdatedBy(rank) one after another. Nothing may be under way from before.
  void Begin(const std::vector<std::span<const float>>& mine, ThreadTeam* team);
  // Lets messages move.
  void Poll();
  // On rank 0: all arrays are whole. Elsewhere: this rank's have left.
  bool done() const { return done_; }
  // Returns when done.
  void Finish();

  // An array of plan.count() elements on rank 0, empty elsewhere; of the last Begin when done, and
  // free for other use until the next.
  std::span<float> whole(std::size_t array);
  std::span<const float> whole(std::size_t array) const;

 private:
  // A run of elements, as it lies in the moments of this rank and in its own copy.
  struct Part {
    Index from;
    Index to;
    Index count;
  };
  void Copy(const std::vector<std::span<const float>>& mine, ThreadTeam* team);

  const Communicator& comm_;
  const PiecePlan& plan_;
  std::vector<Part> parts_;
  std::vector<AlignedBuffer<float>> copies_;  // rank 0: whole arrays; elsewhere: parts one by one
  Messages messages_;
  bool done_ = true;
};

}  // namespace lockstep
