#include "data/batch/batch.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace lockstep {

PackedLayout::PackedLayout(const std::vector<Index>& lengths) { Assign(lengths); }

void PackedLayout::Reserve(Index steps) {
  active_.reserve(static_cast<std::size_t>(steps));
  row_start_.reserve(static_cast<std::size_t>(steps) + 1);
}

// active(t) is the number of lengths above t. The loop goes from the shortest sequence to the
// longest: between the end of the next shorter sequence and the end of sequence b, b + 1 sequences
// are active.
void PackedLayout::Assign(std::span<const Index> lengths) {
  active_.clear();
  row_start_.assign(1, 0);
  if (lengths.empty()) return;
  LOCKSTEP_CHECK(std::is_sorted(lengths.rbegin(), lengths.rend()) && lengths.back() >= 1);
  Reserve(lengths.front());
  for (std::size_t b = lengths.size(); b-- > 0;) {
    active_.resize(static_cast<std::size_t>(lengths[b]), static_cast<Index>(b + 1));
  }
  for (Index active : active_) row_start_.push_back(row_start_.back() + active);
}

Index PackedLayout::Length(Index b) const {
  const auto end = std::partition_point(active_.begin(), active_.end(),
                                        [b](Index active) { return active > b; });
  return end - active_.begin();
}

namespace {

// Copies row `from` of a field, with its ids or values, to the end of `ids` or to row `to` of
// `values`.
void CopyRow(const Field& field, const FieldBatch& from, Index row, FieldBatch* to, Index to_row) {
  if (field.is_real()) {
    std::copy_n(from.values.data() + row * field.width, field.width,
                to->values.data() + to_row * field.width);
    return;
  }
  const auto first = from.ids.begin() + row * field.width;
  to->ids.insert(to->ids.end(), first, first + field.width);
}

void CopyRows(const Field& field, const FieldBatch& from, std::span<const Index> rows,
              FieldBatch* to) {
  const Index count = static_cast<Index>(rows.size());
  if (field.is_real()) to->values = AlignedBuffer<float>(count * field.width);
  for (Index i = 0; i < count; ++i) CopyRow(field, from, rows[static_cast<std::size_t>(i)], to, i);
}

std::vector<Index> RowsOf(const PackedLayout& layout, Index b) {
  std::vector<Index> rows;
  for (Index t = 0; t < layout.Length(b); ++t) rows.push_back(layout.Row(t, b));
  return rows;
}

// Copies the given lists of `from` to `to`, one after another.
void CopyLists(const Field& field, const FieldBatch& from, std::span<const Index> lists,
               FieldBatch* to) {
  std::vector<Index> rows;
  to->offsets = {0};
  for (const Index list : lists) {
    const auto at = static_cast<std::size_t>(list);
    for (Index row = from.offsets[at]; row < from.offsets[at + 1]; ++row) rows.push_back(row);
    to->offsets.push_back(static_cast<Index>(rows.size()));
  }
  CopyRows(field, from, rows, to);
}

void CopyOwnSteps(const Field& field, const FieldBatch& from, Index b, FieldBatch* to) {
  const auto found = std::find(from.sequence_of.begin(), from.sequence_of.end(), b);
  if (found == from.sequence_of.end()) return;  // the sequence has no row of this field
  const Index own = found - from.sequence_of.begin();
  to->layout = PackedLayout({from.layout.Length(own)});
  to->sequence_of = {0};
  CopyRows(field, from, RowsOf(from.layout, own), to);
}

FieldBatch FieldOf(const Field& field, const SlotBatch& slot, const FieldBatch& from, Index b) {
  FieldBatch to;
  const std::array<Index, 1> self = {b};
  const std::vector<Index> rows = RowsOf(slot.layout, b);
  switch (field.alignment) {
    case Alignment::kStep:
      CopyRows(field, from, rows, &to);
      break;
    case Alignment::kSequence:
      CopyRows(field, from, self, &to);
      break;
    case Alignment::kList:
      CopyLists(field, from, self, &to);
      break;
    case Alignment::kListInStep:
      CopyLists(field, from, rows, &to);
      break;
    case Alignment::kOwnSteps:
      CopyOwnSteps(field, from, b, &to);
      break;
  }
  return to;
}

std::vector<Index> LargerOfEach(const std::vector<Index>& a, const std::vector<Index>& b) {
  LOCKSTEP_CHECK_EQ(a.size(), b.size());
  std::vector<Index> larger = a;
  for (std::size_t i = 0; i < a.size(); ++i) larger[i] = std::max(a[i], b[i]);
  return larger;
}

}  // namespace

SlotBatch SequenceOf(const Schema& schema, const SlotBatch& slot, Index b) {
  SlotBatch one;
  one.layout = PackedLayout({slot.layout.Length(b)});
  one.sample_ids = {slot.sample_ids[static_cast<std::size_t>(b)]};
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    one.fields.push_back(FieldOf(schema.fields[f], slot, slot.fields[f], b));
  }
  return one;
}

SlotBounds Larger(const SlotBounds& a, const SlotBounds& b) {
  return {std::max(a.sequences, b.sequences), std::max(a.steps, b.steps), std::max(a.rows, b.rows),
          LargerOfEach(a.field_rows, b.field_rows), LargerOfEach(a.longest, b.longest)};
}

SlotRange DealSlots(Index slots, Index which, Index count) {
  LOCKSTEP_CHECK(slots >= 0 && count >= 1 && which >= 0 && which < count);
  return {slots * which / count, slots * (which + 1) / count};
}

}  // namespace lockstep
