#include "worker/decode/sequence_scorer.h"

#include <algorithm>
#include <iterator>

#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

// Copies the scores of sequence b out of those of its slot: one row per step, or one row in all.
SequenceScores Unpack(const SlotBatch& slot, Index b, const Scores<float>& scores) {
  const bool per_step = scores.alignment == Alignment::kStep;
  SequenceScores one{
      slot.sample_ids[static_cast<std::size_t>(b)], per_step ? slot.layout.Length(b) : 1, {}};
  one.values.resize(static_cast<std::size_t>(one.rows * scores.width));
  for (Index t = 0; t < one.rows; ++t) {
    const Index row = per_step ? slot.layout.Row(t, b) : b;
    std::copy_n(scores.values + row * scores.width, scores.width,
                one.values.begin() + t * scores.width);
    if (scores.labels != nullptr) one.labels.push_back(scores.labels[row]);
    if (scores.span_probabilities != nullptr)
      one.span_probabilities.push_back(scores.span_probabilities[row]);
  }
  return one;
}

}  // namespace

std::int32_t SequenceScores::LabelOf(Index row) const {
  if (!labels.empty()) return labels[static_cast<std::size_t>(row)];
  const auto width = static_cast<std::size_t>(static_cast<Index>(values.size()) / rows);
  const auto of_row = std::span(values).subspan(static_cast<std::size_t>(row) * width, width);
  return static_cast<std::int32_t>(std::ranges::max_element(of_row) - of_row.begin());
}

SequenceScorer::SequenceScorer(const Model<float>& model, const float* values,
                               const SlotBounds& bounds, int threads)
    : model_(model),
      values_(values),
      team_(threads),
      workspaces_(static_cast<std::size_t>(threads)) {
  team_.Run([&](int which) {
    workspaces_[static_cast<std::size_t>(which)] =
        std::make_unique<Workspace>(model.ScoreBytes(bounds));
  });
}

std::vector<SequenceScores> SequenceScorer::Score(const std::vector<SlotBatch>& slots) {
  std::vector<std::vector<SequenceScores>> found(slots.size());
  team_.Run([&](int which) {
    const SlotRange mine = DealSlots(static_cast<Index>(slots.size()), which, team_.size());
    for (Index s = mine.first; s < mine.last; ++s) {
      const std::size_t slot = static_cast<std::size_t>(s);
      found[slot] = ScoreSlot(slots[slot], workspaces_[static_cast<std::size_t>(which)].get());
    }
  });
  std::vector<SequenceScores> all;
  for (std::vector<SequenceScores>& part : found) std::ranges::move(part, std::back_inserter(all));
  std::ranges::sort(all, {}, &SequenceScores::sample_id);
  return all;
}

std::vector<SequenceScores> SequenceScorer::ScoreSlot(const SlotBatch& slot,
                                                      Workspace* workspace) const {
  std::vector<SequenceScores> found;
  if (slot.layout.rows() == 0) return found;
  const Index mark = workspace->used_bytes();
  const Scores<float> scores = model_.Score(slot, values_, workspace);
  for (Index b = 0; b < slot.layout.sequences(); ++b) found.push_back(Unpack(slot, b, scores));
  workspace->Rewind(mark);
  return found;
}

}  // namespace lockstep
