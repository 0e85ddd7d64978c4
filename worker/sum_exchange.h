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
  // A rank's message is its note and then the sums of its slots (it may have none), as they lie in
  // memory: all ranks run the same program on the same kind of machine. Counted in doubles.
  static constexpr std::size_t kNoteSize = sizeof(RankNote) / sizeof(double);
  static constexpr std::size_t kSumsSize = sizeof(StepSums) / sizeof(double);
  static_assert(std::is_trivially_copyable_v<RankNote> && sizeof(RankNote) % sizeof(double) == 0);
  static_assert(std::is_trivially_copyable_v<StepSums> && sizeof(StepSums) % sizeof(double) == 0);

  void Pack(std::span<const StepSums> mine, const RankNote& note);
  // Fills notes_ and slots_.
  void Unpack();

  const Communicator& comm_;
  Segments segments_;  // each rank's message in all_
  std::vector<double> own_, all_;
  std::vector<RankNote> notes_;
  std::vector<StepSums> slots_;
  std::vector<double> losses_, squared_errors_;
};

}  // namespace lockstep
