#include "launch/run/scoring_slots.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lockstep {

std::vector<std::vector<std::size_t>> DealToSlots(std::span<const Index> lengths) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  std::vector<std::vector<std::size_t>> slots;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i % kSequencesOfASlot == 0) slots.emplace_back();
    slots.back().push_back(order[i]);
  }
  return slots;
}

SlotBounds BoundsOfSlots(std::span<const SlotBatch> slots, bool target_per_step) {
  SlotBounds bounds{kSequencesOfASlot, 0, 0, {0, kSequencesOfASlot}, {0, 1}};
  for (const SlotBatch& slot : slots) {
    bounds.steps = bounds.longest[0] = std::max(bounds.steps, slot.layout.steps());
    bounds.rows = bounds.field_rows[0] = std::max(bounds.rows, slot.layout.rows());
  }
  if (target_per_step) {
    bounds.field_rows[1] = bounds.rows;
    bounds.longest[1] = bounds.steps;
  }
  return bounds;
}

BestClass FindBestClass(std::span<const float> scores) {
  const auto best = std::ranges::max_element(scores);
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score - *best));
  return {static_cast<std::size_t>(best - scores.begin()), 1 / sum};
}

BestClass ClassOfRow(const SequenceScores& scores, Index row) {
  const auto width =
      static_cast<std::size_t>(static_cast<Index>(scores.values.size()) / scores.rows);
  const auto values =
      std::span(scores.values).subspan(static_cast<std::size_t>(row) * width, width);
  const BestClass best = FindBestClass(values);
  const auto label = static_cast<std::size_t>(scores.LabelOf(row));
  const double less = static_cast<double>(values[label]) - static_cast<double>(values[best.id]);
  return {label, best.probability * std::exp(less)};
}

}  // namespace lockstep
