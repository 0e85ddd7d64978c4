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
#include "data/batch/schema.h"

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

// The rows of one field for the sequences of a slot. Ids or values are filled, never both; the rows
// are, by the alignment of the field:
//   kStep        one per row of the slot's layout, in that order
//   kSequence    one per sequence
//   kList        those of sequence b at [offsets[b], offsets[b + 1])
//   kOwnSteps    one per row of `layout`, whose sequence k is sequence sequence_of[k] of the slot
//   kListInStep  those of row r of the slot's layout at [offsets[r], offsets[r + 1])
struct FieldBatch {
  std::vector<std::int32_t> ids;  // [rows, width]; kIgnoredTarget where a target is missing
  AlignedBuffer<float> values;    // [rows, width] or larger; NaN where a target is missing
  std::vector<Index> offsets;  // kList: [sequences + 1]; kListInStep: [rows + 1]; otherwise empty
  PackedLayout layout;         // kOwnSteps only: longest first
  std::vector<Index> sequence_of;  // kOwnSteps only
};

// One slot's share of a global batch.
struct SlotBatch {
  PackedLayout layout;                    // of the leading field, fields[0]
  std::vector<std::uint64_t> sample_ids;  // [sequences]
  std::vector<FieldBatch> fields;         // as Schema::fields
};

// Sequence b of a slot alone. Allocates. `schema` is that of the batch.
SlotBatch SequenceOf(const Schema& schema, const SlotBatch& slot, Index b);

// What no slot of a split exceeds; sizes memory before the first batch.
struct SlotBounds {
  Index sequences = 0;
  Index steps = 0;  // of the longest sequence
  Index rows = 0;
  // Per field, as Schema::fields: rows of the field in a slot, and rows of the sample that has the
  // most.
  std::vector<Index> field_rows = {};
  std::vector<Index> longest = {};
};
// The bounds of a slot that fits into either.
SlotBounds Larger(const SlotBounds& a, const SlotBounds& b);

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
