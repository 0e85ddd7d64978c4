// What one rank does with its slots of a global batch: each slot is one micro-batch, computed whole
// by one thread, and added into the sums of the complete subtrees of the reduction tree that the
// rank owns.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_team.h"
#include "worker/comm/communicator.h"
#include "worker/comm/reduction_tree.h"
#include "worker/models/tagger.h"

namespace lockstep {

struct WorkerOptions {
  Index slots = 8;  // of a global batch, over all ranks
  int threads = 1;  // of this rank
  std::uint64_t seed = 1;
  SlotBounds bounds;     // of every slot that will come
  bool training = true;  // off: no gradient buffers
};

class Worker {
 public:
  Worker(const Tagger<float>& model, const Communicator& comm, const WorkerOptions& options);

  ThreadTeam& team() { return team_; }
  SlotRange slot_range() const { return range_; }

  // Forward and backward of this rank's slots; dropout as of `step`. Gives the sums [count] of the
  // complete subtrees it owns, in order; valid until the next call.
  const std::vector<float*>& ForwardBackward(const RankBatch& batch, Index step,
                                             const float* values);
  // This rank's slots whose loss or gradient is not finite, found by computing each once more.
  std::vector<Index> NonFiniteSlots(const RankBatch& batch, Index step, const float* values);
  // Loss sums of this rank's slots without gradient.
  void Evaluate(const RankBatch& batch, const float* values);

  // Computes a sequence of a few steps on every thread and forgets it, so that code and tables of
  // all kernels are resident.
  void WarmUp(const float* values);

  // Of the last call, a row a slot of this rank.
  const std::vector<LossSums>& slot_sums() const { return slot_sums_; }
  // Collective. The sums over all slots of all ranks, added in the order of the tree.
  LossSums ReduceSums() const;

  // Bytes of activations and gradient buffers, fixed from the start.
  Index bytes() const;

 private:
  // A thread's slots, in order, with its own activations and gradient buffers.
  struct Member {
    SlotRange range;
    std::unique_ptr<Workspace> workspace;
    std::vector<AlignedBuffer<float>> buffers;
    std::vector<float*> free;
    std::vector<std::pair<TreeNode, float*>> subtrees;
  };
  LossSums RunSlot(const RankBatch& batch, Index slot, Index step, const float* values,
                   float* gradient, Workspace* workspace) const;
  void RunSlots(Member* member, const RankBatch& batch, Index step, const float* values);
  void JoinMembers();

  const Tagger<float>& model_;
  const Communicator& comm_;
  WorkerOptions options_;
  SlotRange range_;
  ThreadTeam team_;
  std::vector<Member> members_;
  std::vector<LossSums> slot_sums_;
  std::vector<float*> subtrees_;
};

}  // namespace lockstep
