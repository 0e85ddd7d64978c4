// One scorer for each thread that works on chunks (ordered_work.h), so that several chunks of
// different sizes are scored at once.
#pragma once

#include <memory>
#include <vector>

#include "launch/run/trained_model.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {

class ChunkScorers {
 public:
  // `trained` must outlive it; its instruction set must be selected.
  ChunkScorers(const TrainedModel& trained, int threads);

  // The scores of all sequences of the slots, by ascending sample id. `bounds` hold for them. For
  // thread `member`; takes more memory only where no chunk of that thread was as large before.
  std::vector<SequenceScores> Score(int member, const std::vector<SlotBatch>& slots,
                                    const SlotBounds& bounds);

 private:
  struct Scorer {
    std::unique_ptr<SequenceScorer> scorer;
    SlotBounds bounds;
  };
  const TrainedModel& trained_;
  std::vector<Scorer> scorers_;  // one per thread
};

}  // namespace lockstep
