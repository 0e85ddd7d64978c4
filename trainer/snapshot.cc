#include "trainer/snapshot.h"

#include <algorithm>

#include "base/checksum.h"
#include "trainer/state_arrays.h"

namespace lockstep {

Snapshot::Snapshot(const Communicator& comm, const ParameterLayout& layout, const PiecePlan& plan,
                   const OptimizerOptions& optimizer)
    : layout_(layout),
      moment_names_(Optimizer::MomentNames(optimizer)),
      values_(comm.rank() == 0 ? layout.size() : 0),
      moments_(comm, plan, moment_names_.size()) {}

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
  return BuildCheckpoint(StateToJson(state), views);
}

Index Snapshot::Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer) {
  const Index arrays = 1 + static_cast<Index>(Optimizer::MomentNames(optimizer).size());
  return arrays * layout.size() * static_cast<Index>(sizeof(float));
}

}  // namespace lockstep
