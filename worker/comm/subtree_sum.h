// The end of the reduction tree on arrays: adds the subtree sums of all ranks for a range of
// elements, block by block so that a block is summed and squared while it is in the first cache.
#pragma once

#include <vector>

#include "worker/comm/reduction_tree.h"

namespace lockstep {

// The sum of squares of `count` elements, in double, in an order that is written down: sixteen
// running sums, then neighbours, then pairs of pairs. Not finite when an element is not.
double BlockSquares(const float* x, Index count);

class SubtreeSum {
 public:
  // `nodes` cover all slots, in order.
  SubtreeSum(Index slots, const std::vector<TreeNode>& nodes);

  std::size_t parts() const { return parts_; }
  // Adds elements [begin, end) of all parts, counted from the start of each, into `sum`, which is
  // one of them. Destroys the others.
  void Add(Index begin, Index end, const std::vector<float*>& parts, float* sum) const;

 private:
  struct Addition {
    std::size_t left;
    std::size_t right;
  };
  std::size_t parts_;
  std::vector<Addition> additions_;
};

}  // namespace lockstep
