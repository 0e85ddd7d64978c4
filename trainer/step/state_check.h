// Whether memory still holds what training put there, checked within the step at a cost of a
// thousandth of it or less (docs/memory_checks.md: what is found, and what is not).
//
// Parameters are compared between ranks in the exchange of each step's sums: all have used the same
// ones. Of what only one rank keeps, it checks its own checksums (state_seal.h). Both look at the
// blocks of one turn in each step. No figure of training depends on any of it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "base/thread_team.h"
#include "trainer/step/optimizer.h"
#include "trainer/step/state_seal.h"
#include "worker/rank_note.h"

namespace lockstep {

class StateCheck {
 public:
  // As often as a thousandth of the time of a step allows, but at least once in kMostPeriod steps.
  // It is learned from the first steps.
  static constexpr Index kLearnPeriod = -1, kMostPeriod = 50;

  // Each block is looked at in one of `period` steps; 0: never. What it refers to must outlive it.
  StateCheck(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
             const Optimizer& optimizer, int threads, Index period);

  // The blocks whose digest goes into the note of the step now beginning.
  BlockTurn compared() const;
  // The first time, closes the blocks of the first turn, as no update has.
  void Begin(std::span<const float> values);
  // The note with what this rank has found in its own memory.
  RankNote Note(RankNote note) const;

  // Collective. Throws AgreedError (76) on every rank, naming those whose memory changed, when the
  // notes of a step differ in their digest or tell of a change.
  void Compare(std::span<const RankNote> notes, const float* values);
  // Collective. The same of all parameters, and of this turn's blocks of what a rank keeps alone.
  void CompareAll(std::span<const float> values, ThreadTeam* team);
  // What an update made not finite, by rank, as the notes of a step tell; empty: nothing.
  std::string NotFinite(std::span<const RankNote> notes) const;

  // Updates a part of a piece by calls of `update`, together with the blocks to open before and to
  // close after. Different threads do different parts, with borders at blocks.
  void Around(std::size_t piece, const ElementRange& part, const float* values,
              FunctionRef<void(const ElementRange&)> update);
  // After an update.
  void NextTurn() { turn_ = next_; }
  Index period() const { return next_.period; }

 private:
  void MeasureCost(const float* values);
  void ChooseNext(std::span<const RankNote> notes);
  void CompareNotes(std::span<const RankNote> notes, const float* values,
                    const BlockTurn& turn) const;
  std::uint64_t DigestOfAll(std::span<const float> values, ThreadTeam* team) const;
  void ForOwnBlocks(FunctionRef<void(std::size_t piece, Index block)> work) const;
  std::vector<double> DigestsByOwner(const float* values, const BlockTurn& turn) const;
  std::vector<int> RanksThatDiffer(const float* values, const BlockTurn& turn) const;
  [[noreturn]] void ThrowDiffering(const float* values, const BlockTurn& turn) const;
  [[noreturn]] void ThrowChanged(std::span<const RankNote> notes) const;
  [[noreturn]] void Throw(const std::string& what) const;

  const Communicator& comm_;
  const ParameterLayout& layout_;
  const PiecePlan& plan_;
  const Optimizer& optimizer_;
  BlockTurn turn_;
  BlockTurn next_;  // of the step after the next update
  StateSeal seal_;
  bool begun_ = false;
  int threads_;               // that share the work
  double check_seconds_ = 0;  // of all blocks, about
  bool learns_;               // the period
  Index steps_ = 0;
  std::vector<double> busy_seconds_;  // of each rank, in the shortest step that it learns from
};

}  // namespace lockstep
