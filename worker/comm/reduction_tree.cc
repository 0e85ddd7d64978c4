#include "worker/comm/reduction_tree.h"

namespace lockstep {

std::vector<TreeNode> CompleteSubtrees(Index slots, SlotRange range) {
  auto adder = MakeTreeAdder<int>(slots, [](int, int) { return 0; });
  for (Index slot = range.first; slot < range.last; ++slot) adder.Push({0, slot}, 0);
  std::vector<TreeNode> nodes;
  for (const auto& [node, sum] : adder.entries()) nodes.push_back(node);
  return nodes;
}

Index MostSubtrees(Index slots, SlotRange range) {
  auto adder = MakeTreeAdder<int>(slots, [](int, int) { return 0; });
  Index most = 0;
  for (Index slot = range.first; slot < range.last; ++slot) {
    most = std::max(most, static_cast<Index>(adder.entries().size()) + 1);
    adder.Push({0, slot}, 0);
  }
  return most;
}

double TreeSum(const std::vector<double>& values) {
  auto adder = MakeTreeAdder<double>(static_cast<Index>(values.size()),
                                     [](double a, double b) { return a + b; });
  for (std::size_t slot = 0; slot < values.size(); ++slot) {
    adder.Push({0, static_cast<Index>(slot)}, values[slot]);
  }
  return values.empty() ? 0.0 : adder.entries()[0].second;
}

}  // namespace lockstep
