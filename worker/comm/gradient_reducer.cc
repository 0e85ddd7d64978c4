#include "worker/comm/gradient_reducer.h"

#include "base/error.h"

namespace lockstep {

GradientReducer::GradientReducer(const Communicator& comm, Index slots, Index count, Index grain)
    : comm_(comm), slots_(slots), segments_(DivideIntoSegments(count, grain, comm.size())) {
  Index end = 0;
  for (int r = 0; r < comm.size(); ++r) {
    std::vector<Source> sources;
    for (TreeNode node : CompleteSubtrees(slots, DealSlots(slots, r, comm.size()))) {
      sources.push_back({node, end});
      end += segments_.count(comm.rank());
    }
    rounds_ = std::max(rounds_, sources.size());
    sources_.push_back(std::move(sources));
  }
  if (comm.size() > 1) received_ = AlignedBuffer<float>(end);
}

std::span<float> GradientReducer::Reduce(const std::vector<float*>& subtrees, ThreadTeam* team) {
  LOCKSTEP_CHECK_EQ(subtrees.size(), sources_[static_cast<std::size_t>(comm_.rank())].size());
  const std::size_t count = static_cast<std::size_t>(segments_.count(comm_.rank()));
  if (comm_.size() == 1) return {subtrees[0], count};
  for (std::size_t round = 0; round < rounds_; ++round) {
    std::vector<Index> offsets;
    for (const std::vector<Source>& sources : sources_) {
      offsets.push_back(round < sources.size() ? sources[round].offset : -1);
    }
    const bool sends = round < subtrees.size();
    comm_.Exchange(sends ? subtrees[round] : nullptr, sends, segments_, received_.data(), offsets);
  }
  // Each thread finishes the whole tree for its part of the segment.
  float* const received = received_.data();
  team->Split(static_cast<Index>(count), kAlignmentBytes, [&](Index begin, Index end) {
    const auto add = [&](float* left, const float* right) {
      for (Index i = begin; i < end; ++i) left[i] += right[i];
      return left;
    };
    TreeAdder<float*> adder(slots_, add);
    for (const std::vector<Source>& sources : sources_) {
      for (const Source& source : sources) adder.Push(source.node, received + source.offset);
    }
  });
  return {received, count};
}

}  // namespace lockstep
