#include "launch/run/class_predictor.h"

#include "base/error.h"
#include "data/batch/pack_ids.h"
#include "launch/run/scoring_slots.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

using Sequences = std::vector<std::vector<std::int32_t>>;

// The sample id is the place in `sequences`.
std::vector<SlotBatch> Pack(const Sequences& sequences) {
  std::vector<Index> lengths;
  lengths.reserve(sequences.size());
  for (const auto& ids : sequences) lengths.push_back(static_cast<Index>(ids.size()));
  std::vector<SlotBatch> slots;
  for (const std::vector<std::size_t>& places : DealToSlots(lengths)) {
    std::vector<IdSequence<std::int32_t>> members;
    members.reserve(places.size());
    for (const std::size_t place : places) members.push_back({place, sequences[place]});
    slots.push_back(PackIds(members));
  }
  return slots;
}

}  // namespace

ClassPredictor::ClassPredictor(const TrainedModel& trained, const CorpusInfo& corpus, int threads)
    : trained_(trained), corpus_(corpus), threads_(threads) {}

std::vector<PredictedClass> ClassPredictor::Predict(const Sequences& sequences) const {
  const std::vector<SlotBatch> slots = Pack(sequences);
  SequenceScorer scorer(*trained_.model, trained_.values.data(), BoundsOfSlots(slots, false),
                        threads_);
  std::vector<PredictedClass> found;
  for (const SequenceScores& scores : scorer.Score(slots)) {  // in the order of `sequences`
    const BestClass best = FindBestClass(scores.values);
    found.push_back({corpus_.classes()[best.id], best.probability});
  }
  return found;
}

void RequireClassPerSequence(const std::string& option, const std::string& run,
                             const CorpusInfo& corpus, const std::string& things) {
  if (corpus.has_class_per_sequence()) return;
  throw UsageError(
      "predict --{}: run {} was trained on a corpus of kind \"{}\", not on {} with a label each",
      option, run, corpus.kind, things);
}

}  // namespace lockstep
