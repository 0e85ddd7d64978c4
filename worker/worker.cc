#include "worker/worker.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "worker/kernels/elementwise.h"
#include "worker/kernels/isa.h"

namespace lockstep {

Worker::Worker(const Tagger<float>& model, const Communicator& comm, const WorkerOptions& options)
    : model_(model),
      comm_(comm),
      options_(options),
      range_(DealSlots(options.slots, comm.rank(), comm.size())),
      team_(options.threads),
      members_(static_cast<std::size_t>(options.threads)),
      slot_sums_(static_cast<std::size_t>(range_.size())) {
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
  batch.features = AlignedBuffer<float>(steps * model_.options().feature_width);
  team_.Run([&](int which) {
    Member& member = members_[static_cast<std::size_t>(which)];
    if (member.buffers.empty()) return;
    model_.ForwardBackward(batch, {options_.seed, 0, 0}, values, member.buffers[0].data(),
                           member.workspace.get());
  });
}

Index Worker::bytes() const {
  Index bytes = 0;
  for (const Member& member : members_) {
    bytes += member.workspace->capacity_bytes();
    for (const auto& buffer : member.buffers) {
      bytes += buffer.size() * static_cast<Index>(sizeof(float));
    }
  }
  return bytes;
}

const std::vector<float*>& Worker::ForwardBackward(const RankBatch& batch, Index step,
                                                   const float* values) {
  LOCKSTEP_CHECK_EQ(batch.slot_range.first, range_.first);
  LOCKSTEP_CHECK_EQ(batch.slot_range.last, range_.last);
  team_.Run([&](int which) {
    RunSlots(&members_[static_cast<std::size_t>(which)], batch, step, values);
  });
  JoinMembers();
  return subtrees_;
}

// Sets `gradient` to that of one slot of this rank.
LossSums Worker::RunSlot(const RankBatch& batch, Index slot, Index step, const float* values,
                         float* gradient, Workspace* workspace) const {
  std::fill_n(gradient, model_.layout().size(), 0.0f);
  return model_.ForwardBackward(batch.slots[static_cast<std::size_t>(slot - range_.first)],
                                {options_.seed, step, slot}, values, gradient, workspace);
}

std::vector<Index> Worker::NonFiniteSlots(const RankBatch& batch, Index step, const float* values) {
  Member& member = members_[0];
  const std::span<float> gradient = member.buffers[0].span();
  const auto is_finite = [](float value) { return std::isfinite(value); };
  std::vector<Index> found;
  for (Index slot = range_.first; slot < range_.last; ++slot) {
    const LossSums sums =
        RunSlot(batch, slot, step, values, gradient.data(), member.workspace.get());
    const bool finite =
        std::isfinite(sums.loss) && std::all_of(gradient.begin(), gradient.end(), is_finite);
    if (!finite) found.push_back(slot);
  }
  return found;
}

void Worker::RunSlots(Member* member, const RankBatch& batch, Index step, const float* values) {
  const Index count = model_.layout().size();
  member->free.clear();
  for (AlignedBuffer<float>& buffer : member->buffers) member->free.push_back(buffer.data());
  TreeAdder<float*> adder(options_.slots, [&](float* left, float* right) {
    AddInPlace(count, right, left);
    member->free.push_back(right);
    return left;
  });
  for (Index slot = member->range.first; slot < member->range.last; ++slot) {
    const std::size_t local = static_cast<std::size_t>(slot - range_.first);
    float* const gradient = member->free.back();
    member->free.pop_back();
    slot_sums_[local] = RunSlot(batch, slot, step, values, gradient, member->workspace.get());
    adder.Push({0, slot}, gradient);
  }
  member->subtrees = adder.entries();
}

// Neighbouring subtrees of different members are added by the whole team.
void Worker::JoinMembers() {
  TreeAdder<float*> adder(options_.slots, [&](float* left, float* right) {
    team_.Split(model_.layout().size(), kBlockElements, [&](Index begin, Index end) {
      AddInPlace(end - begin, right + begin, left + begin);
    });
    return left;
  });
  for (const Member& member : members_) {
    for (const auto& [node, sum] : member.subtrees) adder.Push(node, sum);
  }
  subtrees_.clear();
  for (const auto& [node, sum] : adder.entries()) subtrees_.push_back(sum);
}

void Worker::Evaluate(const RankBatch& batch, const float* values) {
  team_.Run([&](int which) {
    Member& member = members_[static_cast<std::size_t>(which)];
    for (Index slot = member.range.first; slot < member.range.last; ++slot) {
      const std::size_t local = static_cast<std::size_t>(slot - range_.first);
      slot_sums_[local] = model_.Evaluate(batch.slots[local], values, member.workspace.get());
    }
  });
}

LossSums Worker::ReduceSums() const {
  constexpr Index kFields = 3;
  std::vector<double> mine;
  for (const LossSums& sums : slot_sums_) {
    mine.insert(mine.end(),
                {sums.loss, static_cast<double>(sums.targets), static_cast<double>(sums.correct)});
  }
  Segments segments;
  for (int r = 0; r < comm_.size(); ++r) {
    segments.offsets.push_back(DealSlots(options_.slots, r, comm_.size()).first * kFields);
  }
  segments.offsets.push_back(options_.slots * kFields);
  std::vector<double> all(static_cast<std::size_t>(options_.slots * kFields));
  comm_.AllGather(mine, segments, all.data());
  std::vector<double> losses;
  LossSums total;
  for (std::size_t i = 0; i < all.size(); i += kFields) {
    losses.push_back(all[i]);
    total.targets += static_cast<Index>(all[i + 1]);
    total.correct += static_cast<Index>(all[i + 2]);
  }
  total.loss = TreeSum(losses);
  return total;
}

}  // namespace lockstep
