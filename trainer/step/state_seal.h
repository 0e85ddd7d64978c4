// Finds bits that change between two updates in what only this rank keeps: the parameters that it
// updates and their moments. They have no replica that could be compared; a changed parameter would
// become everybody's with the next update, a changed moment would be used for ever.
//
// A block of each array is closed when the update has written it, which keeps its checksum, and
// opened before the next update reads it, which compares. Both meet the block in the cache.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "trainer/step/optimizer.h"
#include "worker/comm/piece_plan.h"
#include "worker/value_digest.h"

namespace lockstep {

// A block of one of the arrays; all ranks number them alike.
struct SealedBlock {
  Index block = 0;        // of the flat array
  std::size_t array = 0;  // 0: the parameters; k: moment k - 1
  bool operator==(const SealedBlock&) const = default;
};

class StateSeal {
 public:
  // Both must outlive it.
  StateSeal(const PiecePlan& plan, const Optimizer& optimizer);

  // Keeps checksums of a block of all arrays of a piece. Different threads do different blocks.
  void Close(std::size_t piece, Index block, const float* values);
  // Compares them. Finds a difference with certainty when one value of a block has changed.
  void Open(std::size_t piece, Index block, const float* values);

  // The first block that was not opened as it had been closed.
  std::optional<SealedBlock> changed() const { return BlockOf(changed_); }
  // The first block that was closed with a value that is not finite.
  std::optional<SealedBlock> not_finite() const { return BlockOf(not_finite_); }

  // Of the parameters as closed, for the blocks of a turn in a range; comparable with DigestOf.
  std::uint64_t ClosedDigest(const ElementRange& range, const BlockTurn& turn) const;

  // For messages: "first_moment of rnn.weight_hh_l0, elements 1024 to 2047 of the flat array".
  std::string NameOf(const SealedBlock& which, const ParameterLayout& layout) const;

  // A block as a number that fits into a note, and back; 0: none.
  double ToNote(const std::optional<SealedBlock>& which) const;
  std::optional<SealedBlock> FromNote(double note) const;

 private:
  using FirstFound = std::atomic<Index>;  // place of a checksum; kNone: nothing found
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
