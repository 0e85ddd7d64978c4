// The one fixed tree in which everything is added over slots: pairs of neighbours, then pairs of
// pairs; a node without a right neighbour moves up unchanged. Node (level l, index i) stands for
// the slots [i 2^l, min((i+1) 2^l, S)). Whoever owns which slots only decides where a sum is
// computed, never in which order, so the result has the same bits for every number of ranks and
// threads.
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

// Takes subtree sums in ascending order of their slots and adds two as soon as they are neighbours
// in the tree. What is left at the end are the complete subtrees of the slots seen. `Sum` is a
// handle (pointer, number); `add(left, right)` adds right into left and gives the handle of the
// result.
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
  // Moves a node without a right neighbour up.
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
  Entries entries_;  // at most two a level of the tree
};

template <typename Sum, typename Add>
TreeAdder<Sum, Add> MakeTreeAdder(Index slots, Add add) {
  return TreeAdder<Sum, Add>(slots, std::move(add));
}

// The complete subtrees of a contiguous range of slots, in ascending order.
std::vector<TreeNode> CompleteSubtrees(Index slots, SlotRange range);

// Most subtree sums alive at once while a range of slots is added one by one.
Index MostSubtrees(Index slots, SlotRange range);

// values[s] for each slot, added in the order of the tree.
double TreeSum(const std::vector<double>& values);

}  // namespace lockstep
