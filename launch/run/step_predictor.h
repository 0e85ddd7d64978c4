// Asks a model for one step after another, where what it says of a step decides what it is given
// next: for making new sequences. The states of its layers are carried from step to step, so each
// step costs the same, however long the sequences become.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "launch/run/trained_model.h"

namespace lockstep {

class StepPredictor {
 public:
  // For `sequences` sequences at once, which begin from states of zero. `trained` must outlive it;
  // its instruction set must be selected. UsageError if the model reads sequences backwards, too,
  // or gives no scores per step: then it cannot say anything before it has seen the end.
  StepPredictor(const TrainedModel& trained, Index sequences);

  // The ids of the next step's inputs [sequences, width of the leading field]; the caller fills
  // them in before each call of Next. They are zero at the beginning.
  std::span<std::int32_t> inputs() { return slot_.fields[0].ids; }
  // The scores [sequences, Model::score_width()] of that step, valid until the next call. The
  // scores of a sequence do not depend on those beside it.
  std::span<const float> Next();

 private:
  const TrainedModel& trained_;
  SlotBatch slot_;
  Workspace workspace_;
  AlignedBuffer<float> before_, after_;  // [arrays, sequences, width]
  std::vector<float> scores_;
};

}  // namespace lockstep
