#include "data/batch/batch.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {

PackedLayout::PackedLayout(const std::vector<Index>& lengths) { Assign(lengths); }

void PackedLayout::Reserve(Index steps) {
  active_.reserve(static_cast<std::size_t>(steps));
  row_start_.reserve(static_cast<std::size_t>(steps) + 1);
}

// active(t) is the number of lengths above t. Walking the sequences from the shortest up, sequence
// b carries b + 1 active ones from the end of the next shorter one to its own end.
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

SlotBatch SequenceOf(const SlotBatch& slot, Index b, Index width) {
  const Index length = slot.layout.Length(b);
  SlotBatch one;
  one.layout = PackedLayout({length});
  one.sample_ids = {slot.sample_ids[static_cast<std::size_t>(b)]};
  if (slot.features.size() > 0) one.features = AlignedBuffer<float>(length * width);
  for (Index t = 0; t < length; ++t) {
    const Index row = slot.layout.Row(t, b);
    const auto at = static_cast<std::size_t>(row);
    if (!slot.symbols.empty()) one.symbols.push_back(slot.symbols[at]);
    if (slot.target_offsets.empty()) one.targets.push_back(slot.targets[at]);
    if (slot.features.size() > 0) {
      std::copy_n(slot.features.data() + row * width, width, one.features.data() + t * width);
    }
  }
  if (slot.target_offsets.empty()) return one;
  const Index begin = slot.target_offsets[static_cast<std::size_t>(b)];
  const Index end = slot.target_offsets[static_cast<std::size_t>(b) + 1];
  one.targets.assign(slot.targets.begin() + begin, slot.targets.begin() + end);
  one.target_offsets = {0, end - begin};
  return one;
}

SlotRange DealSlots(Index slots, Index which, Index count) {
  LOCKSTEP_CHECK(slots >= 0 && count >= 1 && which >= 0 && which < count);
  return {slots * which / count, slots * (which + 1) / count};
}

}  // namespace lockstep
