#include "worker/decode/sequence_labeler.h"

#include <algorithm>
#include <iterator>

#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

// Sequence b of the packed rows [rows, classes], step after step.
std::vector<float> Unpack(const PackedLayout& layout, Index b, const float* rows, Index classes) {
  const Index steps = layout.Length(b);
  std::vector<float> values(static_cast<std::size_t>(steps * classes));
  for (Index t = 0; t < steps; ++t) {
    std::copy_n(rows + layout.Row(t, b) * classes, classes, values.begin() + t * classes);
  }
  return values;
}

}  // namespace

SequenceLabeler::SequenceLabeler(const Tagger<float>& model, const float* values,
                                 const SlotBounds& bounds, int threads)
    : model_(model),
      values_(values),
      team_(threads),
      workspaces_(static_cast<std::size_t>(threads)) {
  team_.Run([&](int which) {
    workspaces_[static_cast<std::size_t>(which)] =
        std::make_unique<Workspace>(model.WorkspaceBytes(bounds));
  });
}

std::vector<SequenceLogits> SequenceLabeler::Label(const std::vector<SlotBatch>& slots) {
  std::vector<std::vector<SequenceLogits>> found(slots.size());
  team_.Run([&](int which) {
    const SlotRange mine = DealSlots(static_cast<Index>(slots.size()), which, team_.size());
    for (Index s = mine.first; s < mine.last; ++s) {
      const std::size_t slot = static_cast<std::size_t>(s);
      found[slot] = LabelSlot(slots[slot], workspaces_[static_cast<std::size_t>(which)].get());
    }
  });
  std::vector<SequenceLogits> all;
  for (std::vector<SequenceLogits>& part : found) std::ranges::move(part, std::back_inserter(all));
  std::ranges::sort(all, {}, &SequenceLogits::sample_id);
  return all;
}

std::vector<SequenceLogits> SequenceLabeler::LabelSlot(const SlotBatch& slot,
                                                       Workspace* workspace) const {
  std::vector<SequenceLogits> found;
  if (slot.layout.rows() == 0) return found;
  const Index mark = workspace->used_bytes();
  const float* const rows = model_.Logits(slot, values_, workspace);
  for (Index b = 0; b < slot.layout.sequences(); ++b) {
    found.push_back({slot.sample_ids[static_cast<std::size_t>(b)], slot.layout.Length(b),
                     Unpack(slot.layout, b, rows, model_.options().classes)});
  }
  workspace->Rewind(mark);
  return found;
}

}  // namespace lockstep
