#include "worker/comm/reduction_tree.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace lockstep {
namespace {

// The tree as the words say it: neighbours, then pairs of pairs; what has no neighbour moves up.
std::string Bracket(std::vector<std::string> sums) {
  while (sums.size() > 1) {
    std::vector<std::string> above;
    for (std::size_t i = 0; i < sums.size(); i += 2) {
      above.push_back(i + 1 < sums.size() ? "(" + sums[i] + sums[i + 1] + ")" : sums[i]);
    }
    sums = above;
  }
  return sums[0];
}

std::vector<std::string> Leaves(Index slots) {
  std::vector<std::string> leaves;
  for (Index s = 0; s < slots; ++s) leaves.push_back(std::string(1, static_cast<char>('a' + s)));
  return leaves;
}

auto BracketAdder(Index slots) {
  return MakeTreeAdder<std::string>(
      slots, [](const std::string& a, const std::string& b) { return "(" + a + b + ")"; });
}

TEST(ReductionTree, AddsInTheOrderOfTheWords) {
  EXPECT_EQ(Bracket(Leaves(5)), "(((ab)(cd))e)");
  for (Index slots = 1; slots <= 26; ++slots) {
    auto adder = BracketAdder(slots);
    for (Index s = 0; s < slots; ++s)
      adder.Push({0, s}, Leaves(slots)[static_cast<std::size_t>(s)]);
    ASSERT_EQ(adder.entries().size(), 1u) << slots;
    EXPECT_EQ(adder.entries()[0].second, Bracket(Leaves(slots)));
  }
}

TEST(ReductionTree, IsTheSameHoweverSlotsAreDealt) {
  for (Index slots = 1; slots <= 26; ++slots) {
    for (Index ranks = 1; ranks <= slots; ++ranks) {
      auto whole = BracketAdder(slots);
      for (Index r = 0; r < ranks; ++r) {
        auto part = BracketAdder(slots);
        const SlotRange range = DealSlots(slots, r, ranks);
        for (Index s = range.first; s < range.last; ++s) {
          part.Push({0, s}, Leaves(slots)[static_cast<std::size_t>(s)]);
        }
        for (const auto& [node, sum] : part.entries()) whole.Push(node, sum);
      }
      ASSERT_EQ(whole.entries().size(), 1u) << slots << " slots, " << ranks << " ranks";
      EXPECT_EQ(whole.entries()[0].second, Bracket(Leaves(slots)));
    }
  }
}

TEST(ReductionTree, NeedsFewBuffersAtATime) {
  EXPECT_EQ(MostSubtrees(8, {0, 8}), 4);
  EXPECT_LE(MostSubtrees(1024, {1, 1023}), 20);
}

TEST(ReductionTree, AnAlignedRangeIsOneSubtree) {
  EXPECT_EQ(CompleteSubtrees(8, {4, 8}), (std::vector<TreeNode>{{2, 1}}));
  EXPECT_EQ(CompleteSubtrees(8, {2, 5}), (std::vector<TreeNode>{{1, 1}, {0, 4}}));
}

TEST(TreeSum, IsExactlyTheTreesSum) {
  const std::vector<double> values = {0.1, 1e16, -1e16, 0.3, 0.7};
  EXPECT_EQ(TreeSum(values), ((0.1 + 1e16) + (-1e16 + 0.3)) + 0.7);
  EXPECT_EQ(TreeSum({}), 0.0);
}

}  // namespace
}  // namespace lockstep
