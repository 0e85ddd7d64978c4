#include "worker/worker.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include "base/error.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "worker/kernels/elementwise.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

// MPI moves messages only when it is called; more often than this costs more than it brings.
constexpr double kPollSeconds = 1e-4;

// Tells that a pass goes on where nothing else is to be done meanwhile: a long sequence may take
// longer than a supervisor's patience.
class Beats : public PassObserver {
  void BetweenSteps() override { Status().Beat(); }
};

}  // namespace

// Joins the computation of one slot with the traffic of the step, and tells that it goes on.
class Worker::SlotObserver : public PassObserver {
 public:
  SlotObserver(Worker* worker, Member* member, bool is_main, bool is_last)
      : worker_(worker),
        member_(member),
        is_main_(is_main),
        moves_(worker->traffic_.overlap),
        is_last_(is_last && moves_) {}

  void NeedValues(Index end) override {
    double waited = 0;
    {
      const ScopedSeconds timer(&waited);
      if (!worker_->traffic_.gather->WaitFor(end, is_main_)) return;
    }
    if (is_main_) worker_->wait_seconds_ += waited;
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
    worker_->FinishStage(member_, stage_++);
    if (is_main_) worker_->Poll();
    Enter(Phase::kOther);
  }

 private:
  Worker* worker_;
  Member* member_;
  bool is_main_;
  bool moves_;    // traffic, while it computes
  bool is_last_;  // so that what it finishes may leave
  std::size_t stage_ = 0;
};

Worker::Worker(const Tagger<float>& model, const Communicator& comm, const WorkerOptions& options)
    : model_(model),
      comm_(comm),
      options_(options),
      range_(DealSlots(options.slots, comm.rank(), comm.size())),
      team_(options.threads),
      members_(static_cast<std::size_t>(options.threads)),
      slot_sums_(static_cast<std::size_t>(range_.size())),
      carried_(model, range_.size(),
               options.carries && options.training ? options.bounds.sequences : 0),
      evaluated_(model, range_.size(), options.carries ? options.bounds.sequences : 0),
      notes_(static_cast<std::size_t>(comm.size())),
      stages_(model.GradientStages()) {
  for (int r = 0; r < comm.size(); ++r) {
    sum_segments_.offsets.push_back(DealSlots(options.slots, r, comm.size()).first * kSumFields);
  }
  sum_segments_.offsets.push_back(options.slots * kSumFields);
  own_sums_.resize(slot_sums_.size() * kSumFields);
  all_sums_.resize(static_cast<std::size_t>(options.slots) * kSumFields);
  losses_.resize(static_cast<std::size_t>(options.slots));
  const Index workspace_bytes = model.WorkspaceBytes(options.bounds);
  // Each member touches its memory first, so that it lies near the core it runs on.
  team_.Run([&](int which) {
    Member& member = members_[static_cast<std::size_t>(which)];
    const SlotRange part = DealSlots(range_.size(), which, options_.threads);
    member.range = {range_.first + part.first, range_.first + part.last};
    member.workspace = std::make_unique<Workspace>(workspace_bytes);
    if (!options_.training) return;
    for (Index i = 0; i < MostSubtrees(options_.slots, member.range); ++i) {
      member.buffers.emplace_back(model_.layout().size());
    }
  });
}

void Worker::WarmUp(const float* values) {
  const Index steps = std::min<Index>(options_.bounds.steps, 4);
  SlotBatch batch;
  batch.layout = PackedLayout({steps});
  batch.symbols.resize(static_cast<std::size_t>(steps));
  batch.targets.resize(static_cast<std::size_t>(steps));
  if (model_.options().ctc) {
    batch.targets.clear();
    batch.target_offsets = {0, 0};
  }
  batch.features = AlignedBuffer<float>(steps * model_.options().feature_width);
  team_.Run([&](int which) {
    Member& member = members_[static_cast<std::size_t>(which)];
    if (member.buffers.empty()) return;
    model_.ForwardBackward(batch, {options_.seed, 0, 0}, values, member.buffers[0].data(),
                           member.workspace.get());
  });
}

Index Worker::bytes() const {
  Index bytes = carried_.bytes() + evaluated_.bytes();
  for (const Member& member : members_) {
    bytes += member.workspace->capacity_bytes();
    for (const auto& buffer : member.buffers) {
      bytes += buffer.size() * static_cast<Index>(sizeof(float));
    }
  }
  return bytes;
}

void Worker::ForwardBackward(const RankBatch& batch, Index step, const float* values,
                             const Traffic& traffic) {
  LOCKSTEP_CHECK_EQ(batch.slot_range.first, range_.first);
  LOCKSTEP_CHECK_EQ(batch.slot_range.last, range_.last);
  traffic_ = traffic;
  started_ = 0;
  if (board_ == nullptr) board_ = std::make_unique<PieceBoard>(traffic.plan->pieces().size());
  board_->Reset();
  carried_.BeginPart(batch.cursor.part == 0);
  team_.Run([&](int which) {
    try {
      RunSlots(which, batch, step, values);
      if (which == 0) WaitForMembers();
    } catch (...) {
      board_->Fail();
      traffic_.gather->Abandon();
      throw;
    }
  });
}

// Sets `gradient` to that of one slot of this rank.
LossSums Worker::RunSlot(const RankBatch& batch, Index slot, Index step, const float* values,
                         float* gradient, Workspace* workspace, PassObserver* observer) {
  if (observer != nullptr) observer->Enter(Phase::kGradientSums);
  std::fill_n(gradient, model_.layout().size(), 0.0f);
  const Index local = slot - range_.first;
  const LossSums sums = model_.ForwardBackward(batch.slots[static_cast<std::size_t>(local)],
                                               {options_.seed, step, slot}, values, gradient,
                                               workspace, observer, carried_.Begin(local));
  carried_.ForgetLost(local);
  return sums;
}

bool Worker::IsFinite(const SlotBatch& batch, const DropoutKey& key, const float* values,
                      const CarriedStates<float>& carried) {
  Member& member = members_[0];
  const std::span<float> gradient = member.buffers[0].span();
  std::fill(gradient.begin(), gradient.end(), 0.0f);
  Beats beats;
  const LossSums sums = model_.ForwardBackward(batch, key, values, gradient.data(),
                                               member.workspace.get(), &beats, carried);
  return std::isfinite(sums.loss) && std::all_of(gradient.begin(), gradient.end(),
                                                 [](float value) { return std::isfinite(value); });
}

// Of a slot that is not finite.
std::vector<std::uint64_t> Worker::NonFiniteIn(const SlotBatch& slot, const DropoutKey& key,
                                               const float* values,
                                               const CarriedStates<float>& carried,
                                               std::size_t most) {
  std::vector<std::uint64_t> found;
  for (Index b = 0; b < slot.layout.sequences() && found.size() < most; ++b) {
    const SlotBatch one = SequenceOf(slot, b, model_.options().feature_width);
    CarriedStates<float> of_one = carried;
    if (of_one.initial != nullptr) of_one.initial += b * model_.options().hidden_size;
    if (!IsFinite(one, key, values, of_one)) found.push_back(one.sample_ids[0]);
  }
  return found.empty() ? slot.sample_ids : found;
}

std::vector<std::uint64_t> Worker::NonFiniteSamples(const RankBatch& batch, Index step,
                                                    const float* values, std::size_t most) {
  std::vector<std::uint64_t> found;
  for (Index slot = range_.first; slot < range_.last && found.size() < most; ++slot) {
    const SlotBatch& all = batch.slots[static_cast<std::size_t>(slot - range_.first)];
    const DropoutKey key{options_.seed, step, slot};
    const CarriedStates<float> carried = carried_.InitialOf(slot - range_.first);
    if (IsFinite(all, key, values, carried)) continue;
    const std::vector<std::uint64_t> bad =
        NonFiniteIn(all, key, values, carried, most - found.size());
    found.insert(found.end(), bad.begin(), bad.end());
  }
  found.resize(std::min(found.size(), most));
  return found;
}

float* Worker::TakeBuffer(Member* member) const {
  float* const buffer = member->free.back();
  member->free.pop_back();
  return buffer;
}

void Worker::RunSlots(int which, const RankBatch& batch, Index step, const float* values) {
  Member* const member = &members_[static_cast<std::size_t>(which)];
  const Index count = model_.layout().size();
  member->free.clear();
  for (AlignedBuffer<float>& buffer : member->buffers) member->free.push_back(buffer.data());
  auto adder = MakeTreeAdder<float*>(options_.slots, [&](float* left, float* right) {
    AddInPlace(count, right, left);
    member->free.push_back(right);
    return left;
  });
  member->finished = 0;
  member->before_last.clear();
  member->last.clear();
  for (Index slot = member->range.first; slot < member->range.last; ++slot) {
    float* const gradient = TakeBuffer(member);
    const bool is_last = slot + 1 == member->range.last;
    if (is_last) {
      member->before_last = adder.entries();
      member->last = {{{0, slot}, gradient}};
    }
    if (which == 0) Status().Enter(RankPhase::kForward);
    SlotObserver observer(this, member, which == 0, is_last);
    slot_sums_[static_cast<std::size_t>(slot - range_.first)] =
        RunSlot(batch, slot, step, values, gradient, member->workspace.get(), &observer);
    observer.Enter(Phase::kGradientSums);
    if (!is_last) adder.Push({0, slot}, gradient);
  }
  FinishStage(member, std::numeric_limits<std::size_t>::max());
  DigestValues(which, values);
}

// After the last slot, so that a changed bit that the slots have read is there to be found.
void Worker::DigestValues(int which, const float* values) {
  const Index count = model_.layout().size();
  if (traffic_.overlap) traffic_.gather->WaitFor(count, which == 0);
  if (which == 0) EnterPhase(Phase::kMemoryCheck);
  const ElementRange share{SegmentBorder(count, kBlockElements, which, options_.threads),
                           SegmentBorder(count, kBlockElements, which + 1, options_.threads)};
  members_[static_cast<std::size_t>(which)].digest = DigestOf(values, share, traffic_.digested);
  if (which == 0) EnterPhase(Phase::kGradientSums);  // waiting for those of others is no check
}

std::uint64_t Worker::digest() const {
  std::uint64_t digest = 0;
  for (const Member& member : members_) digest += member.digest;
  return digest;
}

// The same additions in every range, so the same sums are left.
Worker::Sums Worker::AddNeighbours(const Sums& sums, const ElementRange& range) const {
  auto adder = MakeTreeAdder<float*>(options_.slots, [&](float* left, float* right) {
    AddInPlace(range.count(), right + range.begin, left + range.begin);
    return left;
  });
  for (const auto& [node, sum] : sums) adder.Push(node, sum);
  return adder.entries();
}

// The member has finished all pieces up to a stage of its last slot.
void Worker::FinishStage(Member* member, std::size_t stage) {
  const std::vector<std::size_t>& order = traffic_.plan->finish_order();
  if (member->finished == 0) member->subtrees = AddNeighbours(AllSumsOf(*member), {});
  while (member->finished < order.size() &&
         traffic_.plan->pieces()[order[member->finished]].stage <= stage) {
    FinishPiece(*member, order[member->finished++]);
  }
}

void Worker::FinishPiece(const Member& member, std::size_t piece) {
  const ElementRange& range = traffic_.plan->pieces()[piece].range;
  AddNeighbours(AllSumsOf(member), range);
  if (!board_->Arrive(piece, team_.size())) return;
  AddNeighbours(SumsOfMembers(), range);
  board_->SetReady(piece);
}

Worker::Sums Worker::AllSumsOf(const Member& member) {
  Sums sums = member.before_last;
  sums.insert(sums.end(), member.last.begin(), member.last.end());
  return sums;
}

Worker::Sums Worker::SumsOfMembers() const {
  Sums sums;
  for (const Member& member : members_) {
    sums.insert(sums.end(), member.subtrees.begin(), member.subtrees.end());
  }
  return sums;
}

// Main thread. Pieces start in the order in which backward finishes them, on every rank.
void Worker::StartReady() {
  const std::vector<std::size_t>& order = traffic_.plan->finish_order();
  while (started_ < order.size() && board_->Ready(order[started_])) {
    if (started_ == 0) {
      subtrees_.clear();
      for (const auto& [node, sum] : AddNeighbours(SumsOfMembers(), {})) subtrees_.push_back(sum);
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
  while (started_ < traffic_.plan->pieces().size() && !board_->failed()) {
    Poll();
    std::this_thread::yield();
  }
}

void Worker::Evaluate(const RankBatch& batch, const float* values) {
  evaluated_.BeginPart(batch.cursor.part == 0);
  team_.Run([&](int which) {
    Member& member = members_[static_cast<std::size_t>(which)];
    Beats beats;
    for (Index slot = member.range.first; slot < member.range.last; ++slot) {
      const std::size_t local = static_cast<std::size_t>(slot - range_.first);
      slot_sums_[local] = model_.Evaluate(batch.slots[local], values, member.workspace.get(),
                                          &beats, evaluated_.Begin(slot - range_.first));
    }
  });
}

// Every rank has a slot, so its note is beside the sums of its first.
LossSums Worker::ReduceSums(const RankNote& mine) {
  for (std::size_t i = 0; i < slot_sums_.size(); ++i) {
    const LossSums& sums = slot_sums_[i];
    const std::array<double, kSumFields> fields = {sums.loss,
                                                   static_cast<double>(sums.targets),
                                                   static_cast<double>(sums.correct),
                                                   mine.wants_stop,
                                                   mine.busy_seconds,
                                                   std::bit_cast<double>(mine.digest),
                                                   mine.check_seconds,
                                                   mine.changed,
                                                   mine.not_finite,
                                                   mine.save_error};
    std::copy(fields.begin(), fields.end(), &own_sums_[i * kSumFields]);
  }
  comm_.AllGather(own_sums_, sum_segments_, all_sums_.data());
  LossSums total;
  for (std::size_t slot = 0; slot < losses_.size(); ++slot) {
    const double* const sums = &all_sums_[slot * kSumFields];
    losses_[slot] = sums[0];
    total.targets += static_cast<Index>(sums[1]);
    total.correct += static_cast<Index>(sums[2]);
  }
  for (int r = 0; r < comm_.size(); ++r) {
    const double* const sums = &all_sums_[static_cast<std::size_t>(sum_segments_.begin(r))];
    notes_[static_cast<std::size_t>(r)] = {sums[3], sums[4], std::bit_cast<std::uint64_t>(sums[5]),
                                           sums[6], sums[7], sums[8],
                                           sums[9]};
  }
  total.loss = TreeSum(losses_);
  return total;
}

}  // namespace lockstep
