// Does the additions of the upper part of the reduction tree on arrays: adds the subtree sums of
// several ranks for a range of elements. The caller goes block by block, so that a block is still
// in the first-level cache when its squares are summed.
#pragma once

#include <vector>

#include "worker/comm/reduction_tree.h"

namespace lockstep {

// The sum of squares of `count` elements, in double. The order of additions is fixed: element i is
// added to running sum i mod 16; then neighbouring sums are added, then pairs of pairs. Not finite
// when an element is not finite.
double BlockSquares(const float* x, Index count);
// Copies `count` finished elements from `root` to `sum`, unless that is where they are, and returns
// their BlockSquares.
double FinishBlock(const float* root, Index count, float* sum);

class SubtreeSum {
 public:
  // `nodes` are the subtrees of the parts, in the order of their slots. If they do not cover all
  // `slots` slots, as many additions are done as the tree allows.
  SubtreeSum(Index slots, const std::vector<TreeNode>& nodes);

  struct Sum {
    TreeNode node;
    std::size_t part;  // index of the part whose array holds the sum after Add
  };
  std::size_t parts() const { return parts_; }
  // The sums that remain after all additions, in the order of slots; a single one if the nodes
  // cover all slots.
  const std::vector<Sum>& sums() const { return sums_; }
  // Does the additions for the elements [begin, end) of the arrays `parts`, one per node. The sums
  // are in the parts that sums() names; the contents of the other parts are destroyed.
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
