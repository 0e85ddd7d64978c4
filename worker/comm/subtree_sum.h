// The upper part of the reduction tree on arrays: adds the subtree sums of several ranks for a
// range of elements, block by block so that a block is summed and squared while it is in the first
// cache.
#pragma once

#include <vector>

#include "worker/comm/reduction_tree.h"

namespace lockstep {

// The sum of squares of `count` elements, in double, in an order that is written down: sixteen
// running sums, then neighbours, then pairs of pairs. Not finite when an element is not.
double BlockSquares(const float* x, Index count);

class SubtreeSum {
 public:
  // Subtrees in the order of their slots; where some slots are missing, what can be added is.
  SubtreeSum(Index slots, const std::vector<TreeNode>& nodes);

  struct Sum {
    TreeNode node;
    std::size_t part;  // that holds it
  };
  std::size_t parts() const { return parts_; }
  // What is left, in the order of slots: one where the nodes cover all slots.
  const std::vector<Sum>& sums() const { return sums_; }
  // Adds elements [begin, end) of the parts [nodes], counted from the start of each. Destroys the
  // parts that are none of the sums.
  void Add(Index begin, Index end, const std::vector<float*>& parts) const;

 private:
  struct Addition {
    std::size_t left;
    std::size_t right;
  };
  std::size_t parts_;
  std::vector<Sum> sums_;
  std::vector<Addition> additions_;
};

}  // namespace lockstep
