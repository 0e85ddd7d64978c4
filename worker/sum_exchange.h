// The exchange at the end of a step's computation: adds the loss sums of all slots of all ranks, in
// the order of the reduction tree, and carries a note from each rank to every other.
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
  // For a global batch of `slots` slots, which DealSlots has divided between the ranks. `comm` must
  // outlive this.
  SumExchange(const Communicator& comm, Index slots);

  // Collective. `mine` are the sums of this rank's slots in slot order. Returns the sums over all
  // slots, which have the same bits on every rank and for any number of ranks. `note` is this
  // rank's note; afterwards notes() has the notes of all ranks.
  StepSums Reduce(std::span<const StepSums> mine, const RankNote& note);
  // The notes exchanged by the last Reduce, indexed by rank.
  std::span<const RankNote> notes() const { return notes_; }

 private:
  // One message per slot, sent as it lies in memory: all ranks run the same program on the same
  // kind of machine.
  struct Message {
    StepSums sums;
    RankNote note;  // the note of the rank that computes the slot; every rank has at least one
  };
  static_assert(std::is_trivially_copyable_v<Message> && sizeof(Message) % sizeof(double) == 0);

  const Communicator& comm_;
  std::vector<Message> own_, all_;
  Segments segments_;  // each rank's share of all_, counted in doubles
  std::vector<RankNote> notes_;
  std::vector<double> losses_;
};

}  // namespace lockstep
