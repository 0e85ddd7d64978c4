#include "data/stream/sequence_parts.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {

Index SequenceParts::Count(const PlannedBatch& planned) const {
  Index longest = 1;
  for (const auto& slot : planned.slots) {
    if (!slot.empty()) longest = std::max(longest, slot.front().length);
  }
  return (longest + steps_ - 1) / steps_;
}

void SequenceParts::Cut(const PlannedBatch& planned, const RankBatch& whole, Index part,
                        RankBatch* batch) {
  const Index first = part * steps_;
  batch->cursor = whole.cursor;
  batch->cursor.part = part;
  batch->sequences = 0;
  batch->steps = 0;
  for (const auto& slot : planned.slots) {
    for (const SampleRef& sample : slot) {
      batch->sequences += sample.length > first ? 1 : 0;
      batch->steps += std::clamp<Index>(sample.length - first, 0, steps_);
    }
  }
  batch->begun = part == 0 ? batch->sequences : 0;
  for (std::size_t s = 0; s < whole.slots.size(); ++s) {
    CutSlot(whole.slots[s], first, &batch->slots[s]);
  }
}

// The rows of steps [first, last) are consecutive, so they are copied in one piece.
void SequenceParts::CutSlot(const SlotBatch& whole, Index first, SlotBatch* slot) {
  const Index steps = whole.layout.steps(), last = std::min(first + steps_, steps);
  const Index count = first < steps ? whole.layout.active(first) : 0;
  lengths_.clear();
  for (Index b = 0; b < count; ++b) {
    lengths_.push_back(std::min(whole.layout.Length(b) - first, steps_));
  }
  slot->layout.Assign(lengths_);
  slot->sample_ids.assign(whole.sample_ids.begin(), whole.sample_ids.begin() + count);
  const Index row = count > 0 ? whole.layout.row_start(first) : 0;
  const Index end = count > 0 ? whole.layout.row_start(last) : 0;
  slot->fields.resize(whole.fields.size());
  for (std::size_t f = 0; f < whole.fields.size(); ++f) {
    CutField(schema_.fields[f], whole.fields[f], {row, end}, &slot->fields[f]);
  }
}

// The lists of consecutive rows are consecutive, too.
void SequenceParts::CutLists(const FieldBatch& whole, const ElementRange& rows, FieldBatch* part) {
  const auto offset = [&](Index row) {
    return rows.count() == 0 ? 0 : whole.offsets[static_cast<std::size_t>(row)];
  };
  const Index first = offset(rows.begin);
  part->offsets.clear();
  for (Index row = rows.begin; row <= rows.end; ++row) part->offsets.push_back(offset(row) - first);
  part->ids.assign(whole.ids.begin() + first, whole.ids.begin() + offset(rows.end));
}

void SequenceParts::CutField(const Field& field, const FieldBatch& whole, const ElementRange& rows,
                             FieldBatch* part) {
  if (field.alignment == Alignment::kListInStep) return CutLists(whole, rows, part);
  LOCKSTEP_CHECK(field.alignment == Alignment::kStep);
  const Index first = rows.begin * field.width, count = rows.count() * field.width;
  if (!field.is_real()) {
    part->ids.assign(whole.ids.begin() + first, whole.ids.begin() + first + count);
    return;
  }
  if (part->values.size() < count) part->values = AlignedBuffer<float>(count);
  std::copy_n(whole.values.data() + first, count, part->values.data());
}

}  // namespace lockstep
