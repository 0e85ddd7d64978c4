// One synchronous step: forward, loss, backward, reduce, normalise, clip, update.
//
// Gradients leave while backward runs, and parameters come back while the next step's forward does,
// piece by piece (worker/comm/piece_plan.h). Between steps `values` may therefore be incomplete:
// call FinishValues before reading them.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "trainer/step/gradient_clip.h"
#include "trainer/step/optimizer.h"
#include "trainer/step/state_check.h"
#include "worker/worker.h"

namespace lockstep {

struct TrafficOptions {
  bool overlap = true;  // off: communication waits for computation, for comparison
  // Share of the parameters whose summed gradient goes to every rank during backward and which
  // every rank updates: the way back is then shorter for the next forward, which is half as long as
  // backward. Negative: a third where ranks are on different hosts, at most two on each; else none,
  // as memory is fast and the same update on many ranks of a host is not.
  double replicated_share = -1;
  // Where there are several hosts with several ranks: ranks of a host add their sums before these
  // leave it, and values enter a host once (worker/comm/host_routes.h). Off, for comparison: each
  // rank sends to each.
  bool host_level = true;
};

// What a step found; the same on every rank.
struct StepResult {
  StepSums sums;             // over the global batch
  double gradient_norm = 0;  // of the mean gradient, before clipping
  bool clipped = false;      // the gradient was scaled down
  bool skipped = false;      // a gradient or loss was not finite: nothing was updated
  std::string not_finite;    // what an earlier update made so, and on which rank; then skipped, too
};

struct StepSeconds {
  double compute = 0;      // forward and backward
  double communicate = 0;  // exchanges, waiting for slower ranks included
  double update = 0;
};

// What a step is taken with.
struct StepInputs {
  Index step = 0;
  Index update = 1;  // counts applied updates from 1, this one included
  double learning_rate = 0;
  double wants_stop = 0;  // of this rank, see RankNote
  double save_error = 0;  // the same
};

class TrainStep {
 public:
  TrainStep(const Communicator& comm, const Model<float>& model, const WorkerOptions& worker,
            const OptimizerOptions& optimizer, const ClipOptions& clip,
            const TrafficOptions& traffic, Index check_period = 1);

  // Collective. Computes `batch` (this rank's slots) and updates `values` [layout.size()]
  // everywhere; they arrive until FinishValues, or while the next step runs. From the first step
  // on nobody else may change them. Every rank throws AgreedError when memory did
  // (state_check.h).
  StepResult Run(const RankBatch& batch, const StepInputs& inputs, std::span<float> values);
  // Collective. Returns when the values are complete on this rank and have left for the others.
  void FinishValues();
  // Collective. Finishes the values and compares all of them over ranks; to be called before they
  // are saved. Throws as Run does.
  void CheckState(std::span<const float> values);

  // From now on, this moves along with the traffic of each step.
  void set_background(RootGather* background) { background_ = background; }

  Worker& worker() { return worker_; }
  const Worker& worker() const { return worker_; }
  Optimizer& optimizer() { return optimizer_; }
  GradientClip& clip() { return clip_; }
  const PiecePlan& plan() const { return plan_; }
  // Steps within which all memory is checked (state_check.h).
  Index check_period() const { return check_.period(); }
  const StepSeconds& seconds() const { return seconds_; }  // since the start
  // What each rank told in the last step.
  std::span<const RankNote> notes() const { return worker_.notes(); }
  Index bytes() const;

 private:
  void ForwardBackward(const RankBatch& batch, const StepInputs& inputs, const float* values);
  double FinishGradient();
  void CompareState(const float* values);
  bool IsFinite(const StepResult& result) const;
  void Publish(const UpdateRates& rates, float* values);
  void Update(bool replicated, float* values);
  void UpdatePart(std::size_t piece, int member, float* values);

  const Communicator& comm_;
  TrafficOptions options_;
  PiecePlan plan_;
  HostRoutes routes_;
  Worker worker_;
  GradientReducer reducer_;
  ValueGather gather_;
  Optimizer optimizer_;
  StateCheck check_;
  GradientClip clip_;
  GlobalNorm norm_;
  std::vector<std::size_t> owned_pieces_;  // updated by their owners
  std::vector<std::size_t> replicated_pieces_;
  std::vector<std::atomic<int>> updated_by_;  // members that have updated their part of a piece
  StepSeconds seconds_;
  double busy_seconds_ = 0;  // of the last step
  RootGather* background_ = nullptr;
};

}  // namespace lockstep
