// The one fixed tree in which everything is added over the S slots of a global batch: first pairs
// of neighbouring slots, then pairs of pairs, and so on. Node (level l, index i) stands for the sum
// of the slots [i 2^l, min((i + 1) 2^l, S)). A node without a right neighbour moves up a level
// unchanged. For S = 5:
//
//   level 3   0+1+2+3+4
//   level 2   0+1+2+3       4
//   level 1   0+1    2+3    4
//   level 0   0  1   2  3   4
//
// A rank or thread that holds a range of slots adds those subtrees that lie within its range; the
// others finish the tree from these sums. So the division of the slots decides where a sum is
// computed, but never in which order, and the result has the same bits for every number of ranks
// and threads.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <utility>
#include <vector>

#include "data/batch/batch.h"

namespace lockstep {

struct TreeNode {
  int level = 0;
  Index index = 0;
  bool operator==(const TreeNode&) const = default;
};

// Takes subtree sums in ascending order of their slots, and adds two of them as soon as both halves
// of a node are there. At the end, entries() are the largest subtrees that lie within the slots
// seen (their complete subtrees). `Sum` is a pointer to a sum, or the sum itself; `add(left,
// right)` adds right to left and returns the result.
template <typename Sum, typename Add>
class TreeAdder {
 public:
  using Entries = boost::container::small_vector<std::pair<TreeNode, Sum>, 40>;
  TreeAdder(Index slots, Add add) : slots_(slots), add_(std::move(add)) {}

  void Push(TreeNode node, Sum sum) {
    entries_.push_back({Lifted(node), std::move(sum)});
    while (entries_.size() > 1 && AreNeighbours(entries_.end()[-2].first, entries_.back().first)) {
      auto [right, right_sum] = std::move(entries_.back());
      entries_.pop_back();
      auto& [left, left_sum] = entries_.back();
      left_sum = add_(std::move(left_sum), std::move(right_sum));
      left = Lifted({left.level + 1, left.index / 2});
    }
  }

  const Entries& entries() const { return entries_; }
  void Clear() { entries_.clear(); }

 private:
  bool IsRoot(TreeNode node) const { return node.index == 0 && (Index{1} << node.level) >= slots_; }
  // Moves a node up as long as it has no right neighbour.
  TreeNode Lifted(TreeNode node) const {
    while (!IsRoot(node) && node.index % 2 == 0 && ((node.index + 1) << node.level) >= slots_) {
      node = {node.level + 1, node.index / 2};
    }
    return node;
  }
  static bool AreNeighbours(TreeNode a, TreeNode b) {
    return a.level == b.level && a.index % 2 == 0 && b.index == a.index + 1;
  }

  Index slots_;
  Add add_;
  Entries entries_;  // at most two per level of the tree
};

template <typename Sum, typename Add>
TreeAdder<Sum, Add> MakeTreeAdder(Index slots, Add add) {
  return TreeAdder<Sum, Add>(slots, std::move(add));
}

// The complete subtrees of a contiguous range of the `slots` slots, in ascending order: the largest
// nodes of the tree that lie within the range.
std::vector<TreeNode> CompleteSubtrees(Index slots, SlotRange range);

// The greatest number of sums that exist at the same time while the slots of a range are added one
// after another; the number of buffers that this takes.
Index MostSubtrees(Index slots, SlotRange range);

// The sum of values[s] over all slots s, added in the order of the tree.
double TreeSum(const std::vector<double>& values);

}  // namespace lockstep
