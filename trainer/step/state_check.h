// Checks in each step that memory still holds what training has written there; it takes about a
// thousandth of the time of a step (docs/memory_checks.md says what is found and what is not).
//
// All ranks must use the same parameters. So the note of a step carries a digest of them, and the
// digests of all ranks are compared. The moments of the optimiser and the latest parameters that a
// rank updates exist on that rank only; it protects them with checksums (state_seal.h). In each
// step, both checks cover only the blocks of one turn (worker/value_digest.h). The results of
// training do not depend on the checks.
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
  // A period of kLearnPeriod means that the period is chosen after the first steps: the shortest
  // one for which the checks take at most a thousandth of the time, but at most kMostPeriod.
  static constexpr Index kLearnPeriod = -1, kMostPeriod = 50;

  // Each block is checked once in `period` steps; 0: never. All arguments passed by reference must
  // outlive it.
  StateCheck(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
             const Optimizer& optimizer, int threads, Index period);

  // The blocks whose digest goes into the note of the step that begins now.
  BlockTurn compared() const;
  // Must be called before each step. The first call closes the blocks of the first turn, because no
  // update has done so.
  void Begin(std::span<const float> values);
  // Returns `note` with what this rank has found in its own memory filled in.
  RankNote Note(RankNote note) const;

  // Collective. If the digests in the notes of a step differ, or a note reports a change, throws
  // AgreedError (76) on every rank. The message names the ranks whose memory changed.
  void Compare(std::span<const RankNote> notes, const float* values);
  // Collective. The same check, but of all parameters; of each rank's own state it covers the
  // blocks of this turn.
  void CompareAll(std::span<const float> values, ThreadTeam* team);
  // Names, by rank, the blocks in which an update made a value infinite or not a number, according
  // to the notes of a step. Empty if there are none.
  std::string NotFinite(std::span<const RankNote> notes) const;

  // Updates the elements `part` of a piece by calls of `update`. Blocks that must be checked are
  // opened just before they are updated, and closed just after. Different threads may do different
  // parts; the borders of parts must be borders of blocks.
  void Around(std::size_t piece, const ElementRange& part, const float* values,
              FunctionRef<void(const ElementRange&)> update);
  // Must be called after each update.
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
  BlockTurn next_;  // the turn after the next update
  StateSeal seal_;
  bool begun_ = false;
  int threads_;                       // threads that share the work
  double check_seconds_ = 0;          // estimated time for checking all blocks
  bool learns_;                       // the period is still to be chosen
  Index steps_ = 0;                   // steps seen while learning
  std::vector<double> busy_seconds_;  // by rank: its shortest step while learning
};

}  // namespace lockstep
