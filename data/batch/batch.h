// The batch as the worker computes it: packed, time-major, without padding.
//
// Sequences of a slot are sorted by length, longest first. Row block t holds the active(t)
// sequences that are still running at step t, so active(t) never grows; sequence b is row b of
// every block it is in. A batch is a row-major matrix [rows, features], rows = sum of the lengths.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/types.h"

namespace lockstep {

class PackedLayout {
 public:
  PackedLayout() = default;
  // `lengths` of the sequences, descending, each at least 1.
  explicit PackedLayout(const std::vector<Index>& lengths);

  // The same in place: allocates only beyond what was reserved or held before.
  void Assign(std::span<const Index> lengths);
  void Reserve(Index steps);

  Index sequences() const { return active_.empty() ? 0 : active_[0]; }
  Index steps() const { return static_cast<Index>(active_.size()); }  // T, of the longest
  Index rows() const { return row_start_.back(); }
  Index active(Index t) const { return active_[static_cast<std::size_t>(t)]; }
  // First row of block t; t = steps() gives rows().
  Index row_start(Index t) const { return row_start_[static_cast<std::size_t>(t)]; }
  Index Row(Index t, Index sequence) const { return row_start(t) + sequence; }
  // Steps of sequence b.
  Index Length(Index b) const;

 private:
  std::vector<Index> active_;
  std::vector<Index> row_start_{0};
};

// One slot's share of a global batch. Symbols or features are filled, never both.
struct SlotBatch {
  PackedLayout layout;
  std::vector<std::uint64_t> sample_ids;  // [sequences]
  std::vector<std::int32_t> symbols;      // [rows]
  AlignedBuffer<float> features;          // [rows, I] or larger
  // A target for each row, kIgnoredTarget where none; or, where targets are sequences of their own
  // length, those of sequence b at [target_offsets[b], target_offsets[b + 1]).
  std::vector<std::int32_t> targets;
  std::vector<Index> target_offsets;  // [sequences + 1], or empty
};

// Sequence b of a slot alone; `width` floats are a row of the features.
SlotBatch SequenceOf(const SlotBatch& slot, Index b, Index width);

// What no slot of a split exceeds; sizes memory before the first batch.
struct SlotBounds {
  Index sequences = 0;
  Index steps = 0;  // of the longest sequence
  Index rows = 0;
  Index targets = 0;  // of the sequence with the most; 0 where there is one for each step
};

// Slots [first, last) of a global batch.
struct SlotRange {
  Index first = 0;
  Index last = 0;
  Index size() const { return last - first; }
};
// The contiguous range that divider `which` of `count` owns: ranges differ by at most one slot.
SlotRange DealSlots(Index slots, Index which, Index count);

// Position in the training data: the next global batch to compute.
struct Cursor {
  Index epoch = 0;
  Index step = 0;  // within the epoch
  Index part =
      0;  // of its sequences, where they are computed in parts (data/stream/sequence_parts.h)
  bool operator==(const Cursor&) const = default;
};

// What one rank computes in one step.
struct RankBatch {
  Cursor cursor;
  // Of the whole global batch.
  Index sequences = 0;
  Index steps = 0;
  Index begun = 0;  // sequences of which this is the first part
  SlotRange slot_range;
  std::vector<SlotBatch> slots;  // [slot_range.size()]; a slot may hold no sequence
};

}  // namespace lockstep
