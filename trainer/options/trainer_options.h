// The options of a training run, with their defaults. launch/config/config.cc defines the key, the
// bounds and the help text of each.
#pragma once

#include <string>

#include "data/stream/batch_stream.h"
#include "trainer/options/validation_metric.h"
#include "trainer/save/checkpoint_options.h"
#include "trainer/step/gradient_clip.h"
#include "trainer/step/learning_rate.h"
#include "trainer/step/optimizer.h"
#include "trainer/step/train_step.h"
#include "trainer/watch/time_limit.h"
#include "worker/models/model_factory.h"

namespace lockstep {

struct ValidationOptions {
  Index every = 0;     // steps between validations; 0: one after each epoch
  Index patience = 0;  // training ends after this many validations without a better one; 0: never
  ValidationMetric metric = ValidationMetric::kLoss;
  bool average = false;  // validates the running average (AverageOptions), not the parameters
  std::string split = "valid";
};

struct LogOptions {
  Index every = 10;          // steps between lines of metrics.jsonl
  double seconds = 30;       // between lines of text, if standard error is not a terminal
  bool progress_bar = true;  // show a live bar, if standard error is a terminal
  bool tensorboard = false;  // writes RUN/events, too (trainer/report/event_log.h)
  // Steps between lines with the gradient at the states of layers, by distance in time
  // (trainer/evaluation/gradient_by_time.h); 0: none.
  Index gradient_by_time = 0;
};

struct TrainerOptions {
  std::uint64_t seed = 1;
  Index steps = 0;         // training ends after this many steps; 0: no bound
  Index epochs = 0;        // training ends after this many epochs; 0: no bound
  int threads = 1;         // threads of each rank
  Index max_skipped = 10;  // gives up after this many steps in a row with a non-finite gradient
  ModelOptions model;
  double weight_noise = 0;  // standard deviation, at least 0 (worker/noisy_values.h)
  StreamOptions stream;     // batches, slots, order of the samples
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

// The number of floats in the states that the sequences of a global batch carry from one part to
// the next; does not depend on the number of ranks. 0 if sequences are not computed in parts.
inline Index CarriedFloats(const StateShape& shape, const StreamOptions& stream) {
  if (stream.part_steps == 0) return 0;
  const PlanOptions& plan = stream.plan;
  const Index sequences = (plan.batch_sequences + plan.slots - 1) / plan.slots * plan.slots;
  return sequences * shape.arrays * shape.width;
}

}  // namespace lockstep
