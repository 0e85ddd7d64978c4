#include "trainer/save/snapshot.h"

#include <algorithm>

#include "base/checksum.h"
#include "trainer/save/state_arrays.h"

namespace lockstep {
namespace {

constexpr const char* kCarriedName = "carried/states";

}  // namespace

Snapshot::Snapshot(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
                   const OptimizerOptions& optimizer, CarriedState* carried, Index slots)
    : comm_(comm),
      layout_(layout),
      carried_(carried),
      moment_names_(Optimizer::MomentNames(optimizer)),
      values_(comm.rank() == 0 ? layout.size() : 0),
      moments_(comm, plan, moment_names_.size()) {
  if (carried == nullptr) return;
  carried_shape_ = carried->slot_shape();
  carried_shape_.insert(carried_shape_.begin(), slots);
  for (int r = 0; r < comm.size(); ++r) {
    const SlotRange range = DealSlots(slots, r, comm.size());
    carried_parts_.push_back(
        {range.first * carried->slot_size(), range.last * carried->slot_size()});
  }
  if (comm.rank() == 0) carried_values_ = AlignedBuffer<float>(slots * carried->slot_size());
}

void Snapshot::Take(const TrainingState& state, std::span<const float> values,
                    const Optimizer& optimizer, ThreadTeam* team) {
  constexpr Index kGrain = 1024;
  state_ = state;
  team->Split(values_.size(), kGrain, [&](Index begin, Index end) {
    std::copy_n(values.data() + begin, end - begin, values_.data() + begin);
  });
  std::vector<std::span<const float>> mine;
  for (const Optimizer::Moment& moment : optimizer.moments()) mine.push_back(moment.values.span());
  moments_.Begin(mine, team);
  if (HasCarried(state)) {
    comm_.GatherToRoot(carried_->left(), carried_parts_, carried_values_.data());
  }
}

void Snapshot::ReadCarried(const CheckpointContent& content, const std::string& file,
                           const TrainingState& state) {
  if (!HasCarried(state)) return;
  RestoreWhole(content, file, kCarriedName, carried_shape_, carried_values_.span());
}

void Snapshot::HandOutCarried(const TrainingState& state) {
  if (!HasCarried(state)) return;
  comm_.ScatterFromRoot(carried_values_.data(), carried_parts_, carried_->left());
}

bool Snapshot::IsFinite() const {
  bool finite = AllFinite(values_.span());
  for (std::size_t i = 0; i < moment_names_.size(); ++i) {
    finite = finite && AllFinite(moments_.whole(i));
  }
  return finite;
}

CheckpointImage Snapshot::Image() const {
  TrainingState state = state_;
  state.parameters_hash = HashParameters(layout_, values_.span());
  std::vector<ArrayView> views;
  AddViews(layout_, "", values_.data(), &views);
  for (std::size_t i = 0; i < moment_names_.size(); ++i) {
    AddViews(layout_, moment_names_[i], moments_.whole(i).data(), &views);
  }
  if (HasCarried(state_)) {
    views.push_back({kCarriedName, ElementType::kFloat32, carried_shape_, carried_values_.data()});
  }
  return BuildCheckpoint(StateToJson(state), views);
}

Index Snapshot::Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer,
                      Index carried_floats) {
  const Index arrays = 1 + static_cast<Index>(Optimizer::MomentNames(optimizer).size());
  return (arrays * layout.size() + carried_floats) * static_cast<Index>(sizeof(float));
}

}  // namespace lockstep
