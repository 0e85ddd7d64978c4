#include "launch/run/class_predictor.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "data/batch/pack_ids.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

constexpr std::size_t kSequencesOfASlot = 32;

using Sequences = std::vector<std::vector<std::int32_t>>;

// The longest first, kSequencesOfASlot to a slot; the sample id is the place in `sequences`.
std::vector<SlotBatch> Pack(const Sequences& sequences) {
  std::vector<std::size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return sequences[a].size() > sequences[b].size();
  });
  std::vector<SlotBatch> slots;
  for (std::size_t first = 0; first < order.size(); first += kSequencesOfASlot) {
    const std::size_t end = std::min(order.size(), first + kSequencesOfASlot);
    std::vector<IdSequence<std::int32_t>> members;
    for (std::size_t i = first; i < end; ++i) members.push_back({order[i], sequences[order[i]]});
    slots.push_back(PackIds(members));
  }
  return slots;
}

// Bounds of these very slots: one long sequence must not make room for a slot of such sequences.
SlotBounds BoundsOfSlots(const std::vector<SlotBatch>& slots) {
  constexpr Index kSequences = static_cast<Index>(kSequencesOfASlot);
  SlotBounds bounds{kSequences, 0, 0, {0, kSequences}, {0, 1}};
  for (const SlotBatch& slot : slots) {
    bounds.steps = bounds.longest[0] = std::max(bounds.steps, slot.layout.steps());
    bounds.rows = bounds.field_rows[0] = std::max(bounds.rows, slot.layout.rows());
  }
  return bounds;
}

// The most probable class of a row of scores before softmax, and its probability.
std::pair<std::size_t, double> BestClass(std::span<const float> scores) {
  const auto best = std::ranges::max_element(scores);
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score - *best));
  return {static_cast<std::size_t>(best - scores.begin()), 1 / sum};
}

}  // namespace

ClassPredictor::ClassPredictor(const TrainedModel& trained, const CorpusInfo& corpus, int threads)
    : trained_(trained), corpus_(corpus), threads_(threads) {}

std::vector<PredictedClass> ClassPredictor::Predict(const Sequences& sequences) const {
  const std::vector<SlotBatch> slots = Pack(sequences);
  SequenceScorer scorer(*trained_.model, trained_.values.data(), BoundsOfSlots(slots), threads_);
  std::vector<PredictedClass> found;
  for (const SequenceScores& scores : scorer.Score(slots)) {  // in the order of `sequences`
    const auto [best, probability] = BestClass(scores.values);
    found.push_back({corpus_.classes()[best], probability});
  }
  return found;
}

void RequireClassPerSequence(const std::string& option, const std::string& run,
                             const CorpusInfo& corpus, const std::string& things) {
  if (!corpus.task.empty() && !corpus.leading().is_real() && !corpus.target().is_real() &&
      corpus.target().alignment == Alignment::kSequence)
    return;
  throw UsageError(
      "predict --{}: run {} was trained on a corpus of kind \"{}\", not on {} with a label each",
      option, run, corpus.kind, things);
}

}  // namespace lockstep
