// The worker of one rank: computes the rank's slots of a global batch. Each slot is one
// micro-batch, computed whole by one thread; its gradient is added into the sums of the complete
// subtrees of the reduction tree that the rank owns (gradient_sums.h).
//
// Communication overlaps computation twice. While a thread runs forward on its first slot,
// parameters of the last update still arrive. While it runs backward on its last slot, the pieces
// of the gradient that are final in all slots of the rank are already sent. With several slots per
// thread nothing overlaps the slots between. Going through all slots layer by layer would widen the
// window, at the price of keeping the activations of all slots in memory.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_team.h"
#include "worker/carried_state.h"
#include "worker/comm/gradient_reducer.h"
#include "worker/comm/root_gather.h"
#include "worker/comm/value_gather.h"
#include "worker/gradient_sums.h"
#include "worker/layers/gradient_trace.h"
#include "worker/metrics/class_tally.h"
#include "worker/models/model.h"
#include "worker/noisy_values.h"
#include "worker/phase_profile.h"
#include "worker/sum_exchange.h"
#include "worker/value_digest.h"

namespace lockstep {

struct WorkerOptions {
  Index slots = 8;          // slots of a global batch, over all ranks
  int threads = 1;          // threads of this rank
  std::uint64_t seed = 1;   // seed of the dropout masks
  SlotBounds bounds;        // upper bounds of all slots that will be computed
  bool training = true;     // false: only Evaluate will be called; no gradient buffers are taken
  bool carries = false;     // true: sequences come in parts, and states are carried between them
  double weight_noise = 0;  // standard deviation of noise on the parameters (noisy_values.h)
};

// The communication of one step: where finished gradients go and where new parameters come from.
struct Traffic {
  const PiecePlan* plan;
  GradientReducer* reducer;
  ValueGather* gather;
  bool overlap = true;       // false: no messages move while a slot is computed
  BlockTurn digested{0, 0};  // the blocks of the parameters that digest() covers
  // A transfer that is polled together with the others, but which the step does not wait for.
  RootGather* background = nullptr;
};

class Worker {
 public:
  // `model` and `comm` must outlive it.
  Worker(const Model<float>& model, const Communicator& comm, const WorkerOptions& options);

  ThreadTeam& team() { return team_; }
  SlotRange slot_range() const { return range_; }

  // Runs forward and backward of this rank's slots, with the dropout masks of `step`. If the batch
  // holds a later part of its sequences (batch.cursor.part > 0), they start from the states that
  // the previous batch left in carried(). Waits for each of `values` (the parameters) only when it
  // is needed. Begins a step of traffic.reducer with the gradient sums [layout().size()] of the
  // complete subtrees that this rank owns, and has started all pieces when it returns.
  void ForwardBackward(const RankBatch& batch, Index step, const float* values,
                       const Traffic& traffic);
  // Returns the ids of the first `most` samples of this rank, in slot order, that made the loss or
  // gradient of the step not finite (bad_samples.h). Computes all slots again. Allocates.
  std::vector<std::uint64_t> NonFiniteSamples(const RankBatch& batch, Index step,
                                              const float* values, std::size_t most);
  // Computes forward and backward of this rank's slots once more and keeps the size of the gradient
  // at the states of the layers in `traces`, one entry per slot of this rank. The step of `batch`
  // must be done: its dropout masks and initial states are used again.
  void TraceGradients(const RankBatch& batch, Index step, const float* values,
                      std::span<GradientTrace> traces);
  // Computes the loss sums of this rank's slots, without gradient: slot_sums(). The states that it
  // carries between parts are separate from those of training. Adds to the tally.
  void Evaluate(const RankBatch& batch, const float* values);
  // The classes of what is evaluated from now on are counted from 0.
  void ClearTally();
  // Collective. The tally of all Evaluate calls of all ranks since ClearTally; without classes if
  // the model's metric needs none.
  ClassTally ReduceTally() const;

  // Computes a sequence of a few steps on every thread and discards the results, so that the code
  // and tables of all kernels are in memory before it is measured.
  void WarmUp(const float* values);

  // Sums of the last ForwardBackward or Evaluate, one entry per slot of this rank, in slot order.
  const std::vector<StepSums>& slot_sums() const { return slot_sums_; }
  // Digest (value_digest.h) of the parameters that the last ForwardBackward used, over the blocks
  // that traffic.digested names. Each thread computed its share after its last slot.
  std::uint64_t digest() const;
  // Collective. Returns the sums over the slots of all ranks, added in the order of the reduction
  // tree. `mine` is this rank's note; afterwards notes() has the notes of all ranks.
  StepSums ReduceSums(const RankNote& mine = {}) { return exchange_.Reduce(slot_sums_, mine); }
  // The notes exchanged by the last ReduceSums, indexed by rank.
  std::span<const RankNote> notes() const { return exchange_.notes(); }
  // The hidden states that training carries to the next part of its sequences.
  CarriedState& carried() { return carried_; }
  // Seconds since the start during which the main thread waited for parameters or other threads.
  double wait_seconds() const { return wait_seconds_; }

  // From now on, the time of the main thread is added to `profile`, which must live until this is
  // called again. Null ends the measurement.
  void set_profile(PhaseProfile* profile) { profile_ = profile; }
  void EnterPhase(Phase phase) {
    if (profile_ != nullptr) profile_->Enter(phase);
  }

  // Bytes of workspaces, gradient buffers and carried states; constant after construction.
  Index bytes() const;

 private:
  class SlotObserver;
  void RunSlots(int member, const RankBatch& batch, Index step, const float* values);
  void RunSlot(int member, const RankBatch& batch, Index slot, Index step, float* gradient,
               PassObserver* observer);
  int MemberOf(Index slot) const;
  const float* ValuesOf(int member, const DropoutKey& key, const float* values);
  void DigestValues(int member, const float* values);
  void StartReady();
  void Poll();
  void WaitForMembers();
  Workspace* workspace(int member) { return workspaces_[static_cast<std::size_t>(member)].get(); }
  NoisyValues& noisy(int member) { return noisy_[static_cast<std::size_t>(member)]; }

  const Model<float>& model_;
  const Communicator& comm_;
  WorkerOptions options_;
  SlotRange range_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;  // one per thread
  std::vector<NoisyValues> noisy_;                      // one per thread
  GradientSums sums_;
  std::vector<std::uint64_t> digests_;  // one per thread, over its share of the parameters
  std::vector<StepSums> slot_sums_;
  std::vector<ClassTally> tallies_;  // one per thread
  SumExchange exchange_;
  CarriedState carried_;    // states of training
  CarriedState evaluated_;  // states of evaluation, which may run between two parts of training
  std::vector<ElementRange> stages_;
  std::vector<float*> subtrees_;
  Traffic traffic_{};
  std::size_t started_ = 0;  // pieces given to the reducer in this step, in finish_order()
  double polled_at_ = 0;
  double wait_seconds_ = 0;
  PhaseProfile* profile_ = nullptr;
};

}  // namespace lockstep
