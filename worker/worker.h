// What one rank does with its slots of a global batch: each slot is one micro-batch, computed whole
// by one thread, and added into the sums of the complete subtrees of the reduction tree that the
// rank owns.
//
// While the last slot of each thread runs backward, pieces of the gradient that are final in all
// slots of the rank leave it; while the first one runs forward, parameters still arrive. With
// several slots a thread only these two overlap communication; going through all slots layer by
// layer would widen the window, at the price of keeping the activations of all slots.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_team.h"
#include "worker/carried_state.h"
#include "worker/comm/gradient_reducer.h"
#include "worker/comm/root_gather.h"
#include "worker/comm/value_gather.h"
#include "worker/models/tagger.h"
#include "worker/phase_profile.h"
#include "worker/piece_board.h"
#include "worker/rank_note.h"
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
  Worker(const Tagger<float>& model, const Communicator& comm, const WorkerOptions& options);

  ThreadTeam& team() { return team_; }
  SlotRange slot_range() const { return range_; }

  // Forward and backward of this rank's slots; dropout as of `step`. A batch whose cursor is at a
  // later part starts from what the batch before left: carried(). Waits for `values` as it needs
  // them. Begins a step of the reducer with the sums [count] of the complete subtrees that this
  // rank owns, and starts every piece.
  void ForwardBackward(const RankBatch& batch, Index step, const float* values,
                       const Traffic& traffic);
  // The first `most` samples of this rank, in the order of slots, whose loss or gradient is not
  // finite when each is computed once more, alone (so with other masks of dropout); all of a slot
  // where only the sum over its samples is not. Allocates.
  std::vector<std::uint64_t> NonFiniteSamples(const RankBatch& batch, Index step,
                                              const float* values, std::size_t most);
  // Loss sums of this rank's slots without gradient. Carries states of its own.
  void Evaluate(const RankBatch& batch, const float* values);

  // Computes a sequence of a few steps on every thread and forgets it, so that code and tables of
  // all kernels are resident.
  void WarmUp(const float* values);

  // Of the last call, a row a slot of this rank.
  const std::vector<LossSums>& slot_sums() const { return slot_sums_; }
  // Of the parameters that the last ForwardBackward used. Each thread looks at its share of them
  // when it has computed its last slot.
  std::uint64_t digest() const;
  // Collective. The sums over all slots of all ranks, added in the order of the tree. `mine`
  // reaches every rank: notes().
  LossSums ReduceSums(const RankNote& mine = {});
  // Of the last ReduceSums, a note a rank.
  std::span<const RankNote> notes() const { return notes_; }
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
  using Sums = boost::container::small_vector<std::pair<TreeNode, float*>, 40>;
  // A thread's slots, in order, with its own activations and gradient buffers.
  struct Member {
    SlotRange range;
    std::unique_ptr<Workspace> workspace;
    std::vector<AlignedBuffer<float>> buffers;
    std::vector<float*> free;
    // Sums of the slots before the last, the last one's gradient, and what the two become.
    Sums before_last;
    Sums last;
    Sums subtrees;
    std::size_t finished = 0;  // pieces, in the order in which backward finishes them
    std::uint64_t digest = 0;  // of its share of the parameters
  };
  LossSums RunSlot(const RankBatch& batch, Index slot, Index step, const float* values,
                   float* gradient, Workspace* workspace, PassObserver* observer);
  // Of a batch that is computed once more, with the buffers of the first thread.
  bool IsFinite(const SlotBatch& batch, const DropoutKey& key, const float* values,
                const CarriedStates<float>& carried);
  std::vector<std::uint64_t> NonFiniteIn(const SlotBatch& slot, const DropoutKey& key,
                                         const float* values, const CarriedStates<float>& carried,
                                         std::size_t most);
  void RunSlots(int which, const RankBatch& batch, Index step, const float* values);
  void DigestValues(int which, const float* values);
  float* TakeBuffer(Member* member) const;
  // Adds sums that are neighbours in the tree for a range of elements; gives what is left.
  Sums AddNeighbours(const Sums& sums, const ElementRange& range) const;
  void FinishStage(Member* member, std::size_t stage);
  void FinishPiece(const Member& member, std::size_t piece);
  static Sums AllSumsOf(const Member& member);
  Sums SumsOfMembers() const;
  void StartReady();
  void Poll();
  void WaitForMembers();

  const Tagger<float>& model_;
  const Communicator& comm_;
  WorkerOptions options_;
  SlotRange range_;
  ThreadTeam team_;
  std::vector<Member> members_;
  std::vector<LossSums> slot_sums_;
  CarriedState carried_;    // of training
  CarriedState evaluated_;  // of evaluation, which may come between two parts
  // Loss, targets and correct of each slot and the note of its rank, of this rank and of all.
  static constexpr std::size_t kSumFields = 10;
  std::vector<double> own_sums_, all_sums_;
  Segments sum_segments_;
  std::vector<RankNote> notes_;
  std::vector<double> losses_;
  std::vector<ElementRange> stages_;
  std::vector<float*> subtrees_;
  Traffic traffic_{};
  std::unique_ptr<PieceBoard> board_;
  std::size_t started_ = 0;  // pieces, in the order in which backward finishes them
  double polled_at_ = 0;
  double wait_seconds_ = 0;
  PhaseProfile* profile_ = nullptr;
};

}  // namespace lockstep
