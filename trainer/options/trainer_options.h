// Everything a training run is configured by. Defaults stand here; launch/config/config.cc gives
// each its key, its bounds and its help.
#pragma once

#include <string>

#include "data/stream/batch_stream.h"
#include "trainer/save/checkpoint_options.h"
#include "trainer/step/gradient_clip.h"
#include "trainer/step/learning_rate.h"
#include "trainer/step/optimizer.h"
#include "trainer/step/train_step.h"
#include "trainer/watch/time_limit.h"
#include "worker/models/model_factory.h"

namespace lockstep {

struct ValidationOptions {
  Index every = 0;     // steps; 0: after each epoch
  Index patience = 0;  // validations without a better loss before training ends early; 0: never
  std::string split = "valid";
};

struct LogOptions {
  Index every = 10;          // steps between lines of metrics.jsonl
  double seconds = 30;       // between lines of text where standard error is no terminal
  bool progress_bar = true;  // on a terminal
};

struct TrainerOptions {
  std::uint64_t seed = 1;
  Index steps = 0;         // train until this step; 0: no bound
  Index epochs = 0;        // train until this epoch; 0: no bound
  int threads = 1;         // of each rank
  Index max_skipped = 10;  // steps in a row with a non-finite gradient before giving up
  ModelOptions model;
  StreamOptions stream;  // batch, slots, order
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  ClipOptions clip;
  TrafficOptions traffic;
  Index check_period = StateCheck::kLearnPeriod;  // see state_check.h
  ValidationOptions validation;
  CheckpointOptions checkpoint;
  LogOptions log;
  TimeLimitOptions time;
};

// Floats of the states that the sequences of a global batch carry from one part to the next; the
// same for any number of ranks. 0 where sequences are not computed in parts.
inline Index CarriedFloats(const StateShape& shape, const StreamOptions& stream) {
  if (stream.part_steps == 0) return 0;
  const PlanOptions& plan = stream.plan;
  const Index sequences = (plan.batch_sequences + plan.slots - 1) / plan.slots * plan.slots;
  return sequences * shape.arrays * shape.width;
}

}  // namespace lockstep
