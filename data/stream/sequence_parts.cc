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

// Rows of steps [first, last) lie one after another.
void SequenceParts::CutSlot(const SlotBatch& whole, Index first, SlotBatch* slot) {
  LOCKSTEP_CHECK(whole.target_offsets.empty());
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
  slot->targets.assign(whole.targets.begin() + row, whole.targets.begin() + end);
  if (width_ == 0) {
    slot->symbols.assign(whole.symbols.begin() + row, whole.symbols.begin() + end);
    return;
  }
  const Index values = (end - row) * width_;
  if (slot->features.size() < values) slot->features = AlignedBuffer<float>(values);
  std::copy_n(whole.features.data() + row * width_, values, slot->features.data());
}

}  // namespace lockstep
