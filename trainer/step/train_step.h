// One synchronous step: forward, loss, backward, reduce, normalise, clip, update.
//
// Gradients are sent while backward runs, and parameters come back while the forward pass of the
// next step runs, piece by piece (worker/comm/piece_plan.h). So between two steps `values` may be
// incomplete; FinishValues must be called before they are read.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "trainer/step/gradient_clip.h"
#include "trainer/step/optimizer.h"
#include "trainer/step/parameter_choice.h"
#include "trainer/step/state_check.h"
#include "worker/worker.h"

namespace lockstep {

struct TrafficOptions {
  // False: messages move only while nothing is computed. Serves comparison.
  bool overlap = true;
  // The share of the parameters that are replicated: every rank gets their summed gradient during
  // backward and updates them itself. Then fewer parameters have to come back during the next
  // forward, which is only half as long as backward. Negative: a third if ranks run on different
  // hosts, at most two on each; otherwise 0, because memory is fast within a host, but the same
  // update on many ranks of a host is slow.
  double replicated_share = -1;
  // True: if several hosts have several ranks each, the ranks of a host add their sums before these
  // leave the host, and values enter a host once (worker/comm/host_routes.h). False: each rank
  // sends to each rank. Serves comparison.
  bool host_level = true;
};

// The result of a step; the same on every rank.
struct StepResult {
  StepSums sums;             // sums over the global batch
  double gradient_norm = 0;  // norm of the mean gradient of what is trained, before clipping
  bool clipped = false;      // the gradient was scaled down
  bool skipped = false;      // a gradient or loss was not finite, so nothing was updated
  // If an earlier update made values infinite or not a number: which, and on which rank. The step
  // is then skipped, too.
  std::string not_finite;
};

struct StepSeconds {
  double compute = 0;      // forward and backward
  double communicate = 0;  // exchanges, waiting for slower ranks included
  double update = 0;
};

// The inputs of a step besides the batch.
struct StepInputs {
  Index step = 0;
  Index update = 1;  // number of this update, from 1; skipped steps do not count
  double learning_rate = 0;
  double average_share = 0;  // see AverageShare
  double wants_stop = 0;     // this rank's RankNote::wants_stop
  double save_error = 0;     // this rank's RankNote::save_error
};

class TrainStep {
 public:
  TrainStep(const Communicator& comm, const Model<float>& model, const WorkerOptions& worker,
            const OptimizerOptions& optimizer, const ClipOptions& clip,
            const TrafficOptions& traffic, Index check_period = 1);

  // Collective. Computes `batch` (this rank's slots) and updates `values` [layout.size()] on all
  // ranks. The new values arrive while the next step runs, or in FinishValues. From the first step
  // on, nobody else may change `values`; if bits of them change in memory, every rank throws
  // AgreedError (state_check.h).
  StepResult Run(const RankBatch& batch, const StepInputs& inputs, std::span<float> values);
  // Collective. Returns when this rank has received all values, and has sent its own to the others.
  void FinishValues();
  // Collective. Sets `values` [layout.size()] to the running average of the parameters on every
  // rank. Only if the optimiser keeps one.
  void GatherAverage(std::span<float> values) const;
  // Collective. Calls FinishValues and compares all values between the ranks. Must be called before
  // they are saved. Throws AgreedError like Run.
  void CheckState(std::span<const float> values);

  // From now on, `background` is polled together with the messages of each step.
  void set_background(RootGather* background) { background_ = background; }

  Worker& worker() { return worker_; }
  const Worker& worker() const { return worker_; }
  Optimizer& optimizer() { return optimizer_; }
  GradientClip& clip() { return clip_; }
  const PiecePlan& plan() const { return plan_; }
  // The number of steps in which all memory is checked once (state_check.h).
  Index check_period() const { return check_.period(); }
  const StepSeconds& seconds() const { return seconds_; }  // since the start
  // The notes of all ranks in the last step, indexed by rank.
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
  FreeSquares free_squares_;
  GlobalNorm norm_;
  std::vector<std::size_t> owned_pieces_;       // indices of pieces that are not replicated
  std::vector<std::size_t> replicated_pieces_;  // indices of replicated pieces
  std::vector<std::atomic<int>> updated_by_;    // by piece: members that have updated their part
  StepSeconds seconds_;
  double busy_seconds_ = 0;  // computing time of the last step
  RootGather* background_ = nullptr;
};

}  // namespace lockstep
