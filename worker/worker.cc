#include "worker/worker.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/large_pages.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "worker/bad_samples.h"
#include "worker/heartbeat.h"

namespace lockstep {
namespace {

// MPI moves messages only when it is called. Polling more often than once in this time costs more
// computing time than the earlier messages save.
constexpr double kPollSeconds = 1e-4;

}  // namespace

// Connects the computation of one slot with the communication of the step: waits for parameters
// before they are needed, polls MPI between time steps, passes finished gradients on, and tells the
// supervisor that the rank is alive.
class Worker::SlotObserver : public PassObserver {
 public:
  SlotObserver(Worker* worker, int member, bool is_last)
      : worker_(worker),
        member_(member),
        is_main_(member == 0),
        moves_(worker->traffic_.overlap),
        is_last_(is_last && moves_) {}

  void NeedValues(Index end) override {
    WaitForValues(end);
    NoisyValues& noisy = worker_->noisy(member_);
    if (noisy.has_noise()) Enter(Phase::kDropout);
    noisy.ExtendTo(end);
  }
  void BetweenSteps() override {
    Status().Beat();
    if (!is_main_ || !moves_) return;
    const double now = Seconds();
    if (now - worker_->polled_at_ < kPollSeconds) return;
    worker_->polled_at_ = now;
    worker_->Poll();
  }
  void Enter(Phase phase) override {
    if (!is_main_) return;
    worker_->EnterPhase(phase);
    if (phase == Phase::kLoss) Status().Enter(RankPhase::kBackward);
  }
  void GradientDone(Index begin, Index end) override {
    if (!is_last_) return;
    Enter(Phase::kGradientSums);
    LOCKSTEP_CHECK(worker_->stages_[stage_] == (ElementRange{begin, end}));
    worker_->sums_.FinishStage(member_, stage_++);
    if (is_main_) worker_->Poll();
    Enter(Phase::kOther);
  }

 private:
  void WaitForValues(Index end) {
    double waited = 0;
    {
      const ScopedSeconds timer(&waited);
      if (!worker_->traffic_.gather->WaitFor(end, is_main_)) return;
    }
    if (is_main_) worker_->wait_seconds_ += waited;
  }

  Worker* worker_;
  int member_;
  bool is_main_;
  bool moves_;    // messages move while the slot is computed (Traffic::overlap)
  bool is_last_;  // last slot of its member with moves_ set, so finished pieces may leave the rank
  std::size_t stage_ = 0;
};

Worker::Worker(const Model<float>& model, const Communicator& comm, const WorkerOptions& options)
    : model_(model),
      comm_(comm),
      options_(options),
      range_(DealSlots(options.slots, comm.rank(), comm.size())),
      team_(options.threads),
      workspaces_(static_cast<std::size_t>(options.threads)),
      noisy_(static_cast<std::size_t>(options.threads)),
      sums_(options.slots, range_, options.threads, model.layout().size(), model.row_table()),
      digests_(static_cast<std::size_t>(options.threads)),
      slot_sums_(static_cast<std::size_t>(range_.size())),
      tallies_(static_cast<std::size_t>(options.threads),
               ClassTally(TallyClasses(model.metrics()))),
      exchange_(comm, options.slots),
      carried_(model.carried(), range_.size(),
               options.carries && options.training ? options.bounds.sequences : 0),
      evaluated_(model.carried(), range_.size(), options.carries ? options.bounds.sequences : 0),
      stages_(model.GradientStages()) {
  const Index workspace_bytes = model.WorkspaceBytes(options.bounds);
  // Each member is the first to touch its memory, so that it lies near the core it runs on.
  team_.Run([&](int member) {
    workspaces_[static_cast<std::size_t>(member)] = MakeLargeWorkspace(workspace_bytes);
    if (!options_.training) return;
    sums_.TakeMemory(member);
    noisy(member) = NoisyValues(options_.weight_noise, model_.layout().size());
  });
}

void Worker::WarmUp(const float* values) {
  const SlotBatch batch = SmallestSlot(model_.schema(), std::min<Index>(options_.bounds.steps, 4));
  team_.Run([&](int member) {
    if (sums_.range(member).size() == 0 || !options_.training) return;
    model_.ForwardBackward(batch, {options_.seed, 0, 0}, values, sums_.Scratch(member).data(),
                           workspace(member));
  });
}

Index Worker::bytes() const {
  Index bytes = carried_.bytes() + evaluated_.bytes() + sums_.bytes();
  for (const auto& workspace : workspaces_) bytes += workspace->capacity_bytes();
  for (const NoisyValues& noisy : noisy_) bytes += noisy.bytes();
  return bytes;
}

void Worker::ForwardBackward(const RankBatch& batch, Index step, const float* values,
                             const Traffic& traffic) {
  LOCKSTEP_CHECK_EQ(batch.slot_range.first, range_.first);
  LOCKSTEP_CHECK_EQ(batch.slot_range.last, range_.last);
  traffic_ = traffic;
  started_ = 0;
  sums_.Begin(*traffic.plan, batch.slots);
  carried_.BeginPart(batch.cursor.part == 0);
  team_.Run([&](int member) {
    try {
      RunSlots(member, batch, step, values);
      if (member == 0) WaitForMembers();
    } catch (...) {
      sums_.Fail();
      traffic_.gather->Abandon();
      throw;
    }
  });
}

void Worker::RunSlots(int member, const RankBatch& batch, Index step, const float* values) {
  const SlotRange range = sums_.range(member);
  for (Index slot = range.first; slot < range.last; ++slot) {
    const bool is_last = slot + 1 == range.last;
    SlotObserver observer(this, member, is_last);
    observer.Enter(Phase::kGradientSums);
    float* const gradient = sums_.Take(member, slot);
    if (member == 0) Status().Enter(RankPhase::kForward);
    noisy(member).Begin(values, {options_.seed, step, slot});
    RunSlot(member, batch, slot, step, gradient, &observer);
    observer.Enter(Phase::kGradientSums);
    if (!is_last) sums_.Add(member, slot);
  }
  sums_.FinishAll(member);
  DigestValues(member, values);
}

// Computes one slot of this rank with noisy(member), which the observer completes while forward
// reads it. Adds the gradient to `gradient`.
void Worker::RunSlot(int member, const RankBatch& batch, Index slot, Index step, float* gradient,
                     PassObserver* observer) {
  const Index local = slot - range_.first;
  const std::size_t at = static_cast<std::size_t>(local);
  slot_sums_[at] =
      model_.ForwardBackward(batch.slots[at], {options_.seed, step, slot}, noisy(member).data(),
                             gradient, workspace(member), observer, carried_.Begin(local));
  carried_.ForgetLost(local);
}

// The parameters that training computes the slot of `key` with. All of `values` must have arrived.
const float* Worker::ValuesOf(int member, const DropoutKey& key, const float* values) {
  noisy(member).Begin(values, key);
  noisy(member).ExtendTo(model_.layout().size());
  return noisy(member).data();
}

// The member that computes a slot of this rank: it has memory for one, others may not.
int Worker::MemberOf(Index slot) const {
  int member = 0;
  while (sums_.range(member).last <= slot) ++member;
  return member;
}

std::vector<std::uint64_t> Worker::NonFiniteSamples(const RankBatch& batch, Index step,
                                                    const float* values, std::size_t most) {
  std::vector<std::uint64_t> found;
  for (Index slot = range_.first; slot < range_.last && found.size() < most; ++slot) {
    const Index local = slot - range_.first;
    const int member = MemberOf(slot);
    const DropoutKey key{options_.seed, step, slot};
    BadSampleSearch search(model_, ValuesOf(member, key, values), workspace(member),
                           sums_.Scratch(member));
    const std::vector<std::uint64_t> bad =
        search.Find(batch.slots[static_cast<std::size_t>(local)], key, carried_.InitialOf(local),
                    most - found.size());
    found.insert(found.end(), bad.begin(), bad.end());
  }
  return found;
}

void Worker::TraceGradients(const RankBatch& batch, Index step, const float* values,
                            std::span<GradientTrace> traces) {
  team_.Run([&](int member) {
    const SlotRange range = sums_.range(member);
    for (Index slot = range.first; slot < range.last; ++slot) {
      const std::size_t at = static_cast<std::size_t>(slot - range_.first);
      const std::span<float> unused = sums_.Scratch(member);
      std::fill(unused.begin(), unused.end(), 0.0f);
      traces[at].Begin(batch.slots[at].layout);
      Heartbeat observer(&traces[at]);
      const DropoutKey key{options_.seed, step, slot};
      model_.ForwardBackward(batch.slots[at], key, ValuesOf(member, key, values), unused.data(),
                             workspace(member), &observer, carried_.InitialOf(slot - range_.first));
    }
  });
}

// Called after the member's last slot: a bit that changed while the slots were computed, and that
// they may have read, is still changed then and is found.
void Worker::DigestValues(int member, const float* values) {
  const Index count = model_.layout().size();
  if (traffic_.overlap) traffic_.gather->WaitFor(count, member == 0);
  if (member == 0) EnterPhase(Phase::kMemoryCheck);
  const ElementRange share{SegmentBorder(count, kBlockElements, member, options_.threads),
                           SegmentBorder(count, kBlockElements, member + 1, options_.threads)};
  digests_[static_cast<std::size_t>(member)] = DigestOf(values, share, traffic_.digested);
  // The main thread now waits for other members; this time does not count as memory check.
  if (member == 0) EnterPhase(Phase::kGradientSums);
}

std::uint64_t Worker::digest() const {
  std::uint64_t digest = 0;
  for (const std::uint64_t part : digests_) digest += part;
  return digest;
}

// Gives the pieces that have become ready to the reducer. Main thread. Pieces start in the order in
// which backward finishes them, the same order on every rank.
void Worker::StartReady() {
  const std::vector<std::size_t>& order = traffic_.plan->finish_order();
  while (started_ < order.size() && sums_.Ready(order[started_])) {
    if (started_ == 0) {
      sums_.GetSubtrees(&subtrees_);
      traffic_.reducer->Begin(subtrees_);
    }
    traffic_.reducer->Start(order[started_++]);
  }
}

void Worker::Poll() {
  StartReady();
  traffic_.gather->Poll();
  if (started_ > 0) traffic_.reducer->Poll();
  if (traffic_.background != nullptr) traffic_.background->Poll();
}

void Worker::WaitForMembers() {
  const ScopedSeconds timer(&wait_seconds_);
  while (started_ < traffic_.plan->pieces().size() && !sums_.failed()) {
    Poll();
    std::this_thread::yield();
  }
}

void Worker::Evaluate(const RankBatch& batch, const float* values) {
  evaluated_.BeginPart(batch.cursor.part == 0);
  team_.Run([&](int member) {
    ClassTally& tally = tallies_[static_cast<std::size_t>(member)];
    Heartbeat heartbeat(tally.classes() > 0 ? &tally : nullptr);
    const SlotRange range = sums_.range(member);
    for (Index slot = range.first; slot < range.last; ++slot) {
      const std::size_t local = static_cast<std::size_t>(slot - range_.first);
      slot_sums_[local] = model_.Evaluate(batch.slots[local], values, workspace(member), &heartbeat,
                                          evaluated_.Begin(slot - range_.first));
    }
  });
}

void Worker::ClearTally() {
  for (ClassTally& tally : tallies_) tally.Clear();
}

ClassTally Worker::ReduceTally() const {
  ClassTally total(tallies_[0].classes());
  for (const ClassTally& tally : tallies_) total.Add(tally);
  comm_.AddCounts(total.counts());
  return total;
}

}  // namespace lockstep
