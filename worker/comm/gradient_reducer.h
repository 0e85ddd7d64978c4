// Adds the gradients of all slots over all ranks, in the order of the tree (reduction_tree.h).
//
// A rank brings the sums of the complete subtrees it owns. Segment r of each goes to rank r, which
// finishes the tree for its segment: the traffic of an allreduce without its order of summation.
// The optimiser then runs on the owner's segment (as ZeRO stage 1; Rajbhandari et al. 2020), and
// the parameters come back by AllGatherInPlace.
#pragma once

#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/thread_team.h"
#include "worker/comm/communicator.h"
#include "worker/comm/reduction_tree.h"

namespace lockstep {

class GradientReducer {
 public:
  // `count` elements, divided between the ranks at multiples of `grain`.
  GradientReducer(const Communicator& comm, Index slots, Index count, Index grain);

  const Segments& segments() const { return segments_; }

  // Collective. `subtrees` are this rank's sums [count], one for each node of CompleteSubtrees(its
  // slots); they are destroyed. Returns this rank's segment of the sum over all slots; valid until
  // the next call.
  std::span<float> Reduce(const std::vector<float*>& subtrees, ThreadTeam* team);

  // Bytes this holds for receiving.
  Index bytes() const { return received_.size() * static_cast<Index>(sizeof(float)); }

 private:
  struct Source {
    TreeNode node;
    Index offset;  // in received_
  };

  const Communicator& comm_;
  Index slots_;
  Segments segments_;
  std::vector<std::vector<Source>> sources_;  // of each rank
  std::size_t rounds_ = 0;
  AlignedBuffer<float> received_;
};

}  // namespace lockstep
