// The batch in the form in which the worker computes it: packed, time-major, without padding.
//
// The sequences of a slot are sorted by length, longest first. The rows of a slot are ordered by
// time: block t holds one row for each of the active(t) sequences that are still running at step t.
// So active(t) never grows with t, and sequence b is row b of every block that it is in. A field is
// a row-major matrix [rows, width], where rows is the sum of the lengths. Sequences of 3, 2 and 2
// steps have the rows
//   b0 b1 b2 | b0 b1 b2 | b0
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

  // Replaces the layout. Allocates only if it is larger than what was reserved or held before.
  void Assign(std::span<const Index> lengths);
  void Reserve(Index steps);

  Index sequences() const { return active_.empty() ? 0 : active_[0]; }
  Index steps() const { return static_cast<Index>(active_.size()); }  // T, of the longest sequence
  Index rows() const { return row_start_.back(); }
  Index active(Index t) const { return active_[static_cast<std::size_t>(t)]; }
  // The first row of block t; for t == steps() it is rows().
  Index row_start(Index t) const { return row_start_[static_cast<std::size_t>(t)]; }
  Index Row(Index t, Index sequence) const { return row_start(t) + sequence; }
  // The number of steps of sequence b.
  Index Length(Index b) const;

 private:
  std::vector<Index> active_;
  std::vector<Index> row_start_{0};
};

// The rows of one field for the sequences of a slot. Either ids or values are filled, never both.
// The order of the rows depends on the alignment of the field:
//   kStep        one row per row of the slot's layout, in that order
//   kSequence    one row per sequence
//   kList        the rows of sequence b are [offsets[b], offsets[b + 1])
//   kOwnSteps    one row per row of `layout`; sequence k in it is sequence sequence_of[k] of the
//   slot kListInStep  the rows that belong to row r of the slot's layout are [offsets[r], offsets[r
//   + 1])
struct FieldBatch {
  std::vector<std::int32_t> ids;   // [rows, width]; kIgnoredTarget where a target is missing
  AlignedBuffer<float> values;     // [rows, width] or larger; NaN where a target is missing
  std::vector<Index> offsets;      // kList: [sequences + 1]; kListInStep: [rows + 1]; else empty
  PackedLayout layout;             // kOwnSteps only
  std::vector<Index> sequence_of;  // kOwnSteps only
};

// One slot's share of a global batch.
struct SlotBatch {
  PackedLayout layout;                    // layout of the leading field, fields[0]
  std::vector<std::uint64_t> sample_ids;  // [sequences]
  std::vector<FieldBatch> fields;         // in the order of Schema::fields
};

// A slot that holds only sequence b of `slot`. Allocates. `schema` is that of the batch.
SlotBatch SequenceOf(const Schema& schema, const SlotBatch& slot, Index b);

// Upper bounds that hold for every slot of a split, for allocating memory before the first batch.
struct SlotBounds {
  Index sequences = 0;
  Index steps = 0;  // of the longest sequence
  Index rows = 0;
  std::vector<Index> field_rows = {};  // by field, as Schema::fields: rows of the field in a slot
  std::vector<Index> longest = {};     // by field: rows of the field in one sample
};
// The larger one of each bound: holds for all slots for which `a` or `b` holds.
SlotBounds Larger(const SlotBounds& a, const SlotBounds& b);

// Slots [first, last) of a global batch.
struct SlotRange {
  Index first = 0;
  Index last = 0;
  Index size() const { return last - first; }
};
// Divides `slots` slots into `count` contiguous ranges, whose sizes differ by at most one, and
// returns range number `which`.
SlotRange DealSlots(Index slots, Index which, Index count);

// A position in the training data: the global batch to compute next.
struct Cursor {
  Index epoch = 0;
  Index step = 0;  // global batch within the epoch
  Index part = 0;  // part of its sequences, if computed in parts (data/stream/sequence_parts.h)
  bool operator==(const Cursor&) const = default;
};

// The slots that one rank computes in one step.
struct RankBatch {
  Cursor cursor;
  Index sequences = 0;  // sequences of the whole global batch
  Index steps = 0;      // time steps of the whole global batch, all sequences together
  // The same of the targets, if they have steps of their own (Alignment::kOwnSteps), else 0.
  Index target_steps = 0;
  Index begun = 0;  // sequences of the whole global batch of which this is the first part
  SlotRange slot_range;
  std::vector<SlotBatch> slots;  // [slot_range.size()]; a slot may hold no sequence
};

}  // namespace lockstep
