#include "launch/run/chunk_scorers.h"

namespace lockstep {

ChunkScorers::ChunkScorers(const TrainedModel& trained, int threads)
    : trained_(trained), scorers_(static_cast<std::size_t>(threads)) {}

std::vector<SequenceScores> ChunkScorers::Score(int member, const std::vector<SlotBatch>& slots,
                                                const SlotBounds& bounds) {
  Scorer& own = scorers_[static_cast<std::size_t>(member)];
  const Model<float>& model = *trained_.model;
  const SlotBounds larger = own.scorer == nullptr ? bounds : Larger(own.bounds, bounds);
  const bool fits =
      own.scorer != nullptr && model.ScoreBytes(larger) <= model.ScoreBytes(own.bounds);
  if (!fits) {
    own.scorer.reset();  // before the next one takes its memory
    own.scorer = std::make_unique<SequenceScorer>(model, trained_.values.data(), larger, 1);
    own.bounds = larger;
  }
  return own.scorer->Score(slots);
}

}  // namespace lockstep
