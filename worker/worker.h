// What one rank does with its slots of a global batch: each slot is one micro-batch, computed whole
// by one thread, and added into the sums of the complete subtrees of the reduction tree that the
// rank owns (gradient_sums.h).
//
// While the last slot of each thread runs backward, pieces of the gradient that are final in all
// slots of the rank leave it; while the first one runs forward, parameters still arrive. With
// several slots per thread only these two overlap communication; going through all slots layer by
// layer would widen the window, at the price of keeping the activations of all slots.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_team.h"
#include "worker/carried_state.h"
#include "worker/comm/gradient_reducer.h"
#include "worker/comm/root_gather.h"
#include "worker/comm/value_gather.h"
#include "worker/gradient_sums.h"
#include "worker/models/model.h"
#include "worker/phase_profile.h"
#include "worker/sum_exchange.h"
#include "worker/value_digest.h"

namespace lockstep {

struct WorkerOptions {
  Index slots = 8;  // of a global batch, over all ranks
  int threads = 1;  // of this rank
  std::uint64_t seed = 1;
  SlotBounds bounds;     // of every slot that will come
  bool training = true;  // off: no gradient buffers
  bool carries = false;  // sequences come in parts
};

// Where finished gradients go and new parameters come from.
struct Traffic {
  const PiecePlan* plan;
  GradientReducer* reducer;
  ValueGather* gather;
  bool overlap = true;               // off: nothing moves while a slot is computed
  BlockTurn digested{0, 0};          // blocks of the parameters that go into digest()
  RootGather* background = nullptr;  // moved along; nobody here waits for it
};

class Worker {
 public:
  // `model` and `comm` must outlive it.
  Worker(const Model<float>& model, const Communicator& comm, const WorkerOptions& options);

  ThreadTeam& team() { return team_; }
  SlotRange slot_range() const { return range_; }

  // Forward and backward of this rank's slots, with the dropout masks of `step`. A batch whose
  // cursor is at a later part starts from what the batch before left: carried(). Waits for `values`
  // as it needs them. Begins a step of the reducer with the sums [layout().size()] of the complete
  // subtrees that this rank owns, and starts every piece.
  void ForwardBackward(const RankBatch& batch, Index step, const float* values,
                       const Traffic& traffic);
  // The first `most` samples of this rank, in slot order, that made the step not finite
  // (bad_samples.h). Allocates.
  std::vector<std::uint64_t> NonFiniteSamples(const RankBatch& batch, Index step,
                                              const float* values, std::size_t most);
  // Loss sums of this rank's slots without gradient. Carries states of its own.
  void Evaluate(const RankBatch& batch, const float* values);

  // Computes a sequence of a few steps on every thread and forgets it, so that code and tables of
  // all kernels are resident.
  void WarmUp(const float* values);

  // Sums of the last ForwardBackward or Evaluate, one entry per slot of this rank, in slot order.
  const std::vector<StepSums>& slot_sums() const { return slot_sums_; }
  // Digest of the parameters that the last ForwardBackward used. Each thread looks at its share of
  // them when it has computed its last slot.
  std::uint64_t digest() const;
  // Collective. The sums over all slots of all ranks, added in the order of the tree. `mine`
  // reaches every rank: notes().
  StepSums ReduceSums(const RankNote& mine = {}) { return exchange_.Reduce(slot_sums_, mine); }
  // The notes exchanged by the last ReduceSums, indexed by rank.
  std::span<const RankNote> notes() const { return exchange_.notes(); }
  // What training carries to the next part of its sequences.
  CarriedState& carried() { return carried_; }
  // Seconds that the main thread has waited for parameters and for other threads since the start.
  double wait_seconds() const { return wait_seconds_; }

  // From now on, what the main thread does is added to `profile`, which must outlive its use; null
  // ends it.
  void set_profile(PhaseProfile* profile) { profile_ = profile; }
  void EnterPhase(Phase phase) {
    if (profile_ != nullptr) profile_->Enter(phase);
  }

  // Bytes of activations and gradient buffers, fixed from the start.
  Index bytes() const;

 private:
  class SlotObserver;
  void RunSlots(int member, const RankBatch& batch, Index step, const float* values);
  void RunSlot(const RankBatch& batch, Index slot, Index step, const float* values, float* gradient,
               Workspace* workspace, PassObserver* observer);
  void DigestValues(int member, const float* values);
  void StartReady();
  void Poll();
  void WaitForMembers();
  Workspace* workspace(int member) { return workspaces_[static_cast<std::size_t>(member)].get(); }

  const Model<float>& model_;
  WorkerOptions options_;
  SlotRange range_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;  // one per thread
  GradientSums sums_;
  std::vector<std::uint64_t> digests_;  // of each thread's share of the parameters
  std::vector<StepSums> slot_sums_;
  SumExchange exchange_;
  CarriedState carried_;    // of training
  CarriedState evaluated_;  // of evaluation, which may come between two parts
  std::vector<ElementRange> stages_;
  std::vector<float*> subtrees_;
  Traffic traffic_{};
  std::size_t started_ = 0;  // pieces, in the order in which backward finishes them
  double polled_at_ = 0;
  double wait_seconds_ = 0;
  PhaseProfile* profile_ = nullptr;
};

}  // namespace lockstep
