// The end of a step's computation: what all slots of all ranks have summed, added in the order of
// the reduction tree, and the notes that ranks tell each other beside it.
#pragma once

#include <span>
#include <type_traits>
#include <vector>

#include "worker/comm/communicator.h"
#include "worker/losses/step_sums.h"
#include "worker/rank_note.h"

namespace lockstep {

class SumExchange {
 public:
  // For a global batch of `slots` slots, divided as DealSlots does.
  SumExchange(const Communicator& comm, Index slots);

  // Collective. `mine` are the sums of this rank's slots in slot order. Gives the sums over all
  // slots, the same on every rank and for any number of ranks. `note` reaches every rank: notes().
  StepSums Reduce(std::span<const StepSums> mine, const RankNote& note);
  // The notes exchanged by the last Reduce, indexed by rank.
  std::span<const RankNote> notes() const { return notes_; }

 private:
  // What travels for each slot, as it lies in memory: all ranks run the same program on the same
  // kind of machine.
  struct Message {
    StepSums sums;
    RankNote note;  // of the slot's rank; every rank has a slot
  };
  static_assert(std::is_trivially_copyable_v<Message> && sizeof(Message) % sizeof(double) == 0);

  const Communicator& comm_;
  std::vector<Message> own_, all_;
  Segments segments_;  // of all_, in doubles, by rank
  std::vector<RankNote> notes_;
  std::vector<double> losses_;
};

}  // namespace lockstep
