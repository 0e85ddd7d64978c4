// One synchronous step: forward, loss, backward, reduce, normalise, clip, update.
#pragma once

#include <span>

#include "trainer/gradient_clip.h"
#include "trainer/optimizer.h"
#include "worker/comm/gradient_reducer.h"
#include "worker/worker.h"

namespace lockstep {

// What a step found; the same on every rank.
struct StepResult {
  LossSums sums;             // over the global batch
  double gradient_norm = 0;  // of the mean gradient, before clipping
  bool skipped = false;      // a gradient or loss was not finite: nothing was updated
};

struct StepSeconds {
  double compute = 0;      // forward and backward
  double communicate = 0;  // exchanges, waiting for slower ranks included
  double update = 0;
};

class TrainStep {
 public:
  TrainStep(const Communicator& comm, const Tagger<float>& model, const WorkerOptions& worker,
            const OptimizerOptions& optimizer, const ClipOptions& clip);

  // Collective. Computes `batch` (this rank's slots) and updates `values` [layout.size()]
  // everywhere. `update` counts applied updates from 1, this one included.
  StepResult Run(const RankBatch& batch, Index step, Index update, double learning_rate,
                 std::span<float> values);

  Worker& worker() { return worker_; }
  const Worker& worker() const { return worker_; }
  Optimizer& optimizer() { return optimizer_; }
  GradientClip& clip() { return clip_; }
  const Segments& segments() const { return reducer_.segments(); }
  const StepSeconds& seconds() const { return seconds_; }  // since the start
  Index bytes() const;

 private:
  const Communicator& comm_;
  Worker worker_;
  GradientReducer reducer_;
  Optimizer optimizer_;
  GradientClip clip_;
  StepSeconds seconds_;
};

}  // namespace lockstep
