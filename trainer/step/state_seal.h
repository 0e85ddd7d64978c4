// Finds bits that change between two updates in the state that only this rank keeps: the parameters
// that it updates, and their moments. There is no copy on another rank to compare with. A changed
// parameter would be sent to all ranks with the next update, and a changed moment would be used for
// ever.
//
// When an update has written a block, it is closed: its checksum is stored. Before the next update
// reads the block, it is opened: its checksum is computed again and compared. Both happen while the
// block is in the cache.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "trainer/step/optimizer.h"
#include "worker/comm/piece_plan.h"
#include "worker/value_digest.h"

namespace lockstep {

// A block of one of the arrays. The numbers mean the same on all ranks.
struct SealedBlock {
  Index block = 0;        // index of the block in the flat array
  std::size_t array = 0;  // 0: the parameters; k: moment k - 1
  bool operator==(const SealedBlock&) const = default;
};

class StateSeal {
 public:
  // `plan` and `optimizer` must outlive it.
  StateSeal(const PiecePlan& plan, const Optimizer& optimizer);

  // Closes a block of a piece in all arrays: stores its checksums. `values` is the flat array of
  // parameters. Different threads may close different blocks at the same time.
  void Close(std::size_t piece, Index block, const float* values);
  // Opens a block: compares its checksums with the stored ones. If a single value of the block has
  // changed, that is certain to be found.
  void Open(std::size_t piece, Index block, const float* values);

  // The first block, in the order of the arrays, that had changed when it was opened.
  std::optional<SealedBlock> changed() const { return BlockOf(changed_); }
  // The first block, in the order of the arrays, that was closed with a value that is not finite.
  std::optional<SealedBlock> not_finite() const { return BlockOf(not_finite_); }

  // The digest of the parameters as they were when closed, for the blocks of a turn in a range;
  // equals DigestOf of the same blocks if nothing has changed.
  std::uint64_t ClosedDigest(const ElementRange& range, const BlockTurn& turn) const;

  // For messages: "first_moment of rnn.weight_hh_l0, elements 1024 to 2047 of the flat array".
  std::string NameOf(const SealedBlock& which, const ParameterLayout& layout) const;

  // Convert a block to a number for a RankNote, and back; 0 means that there is no block.
  double ToNote(const std::optional<SealedBlock>& which) const;
  std::optional<SealedBlock> FromNote(double note) const;

 private:
  using FirstFound = std::atomic<Index>;  // index of a checksum, or kNone
  static constexpr Index kNone = -1;
  std::span<const float> Values(std::size_t piece, Index block, std::size_t array,
                                const float* values) const;
  std::optional<SealedBlock> BlockOf(Index place) const;
  Index PlaceOf(Index block, std::size_t array) const;
  static void Remember(Index place, FirstFound* found);

  const PiecePlan& plan_;
  const Optimizer& optimizer_;
  std::size_t arrays_;
  std::vector<std::uint64_t> checksums_;  // [blocks, arrays]
  FirstFound changed_ = kNone;
  FirstFound not_finite_ = kNone;
};

}  // namespace lockstep
