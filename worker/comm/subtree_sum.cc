#include "worker/comm/subtree_sum.h"

#include <algorithm>

#include "base/function_clones.h"

namespace lockstep {
namespace {

LOCKSTEP_CLONES
void AddTo(Index count, const float* right, float* __restrict left) {
  for (Index i = 0; i < count; ++i) left[i] += right[i];
}

constexpr Index kRunningSums = 16;

}  // namespace

LOCKSTEP_CLONES
double BlockSquares(const float* x, Index count) {
  // No std::array, whose checks (_GLIBCXX_ASSERTIONS) keep these loops out of vector registers.
  double sums[kRunningSums] = {};
  const Index whole = count / kRunningSums * kRunningSums;
  for (Index i = 0; i < whole; i += kRunningSums) {
    for (Index j = 0; j < kRunningSums; ++j) {
      const double value = x[i + j];
      sums[j] += value * value;
    }
  }
  for (Index i = whole; i < count; ++i) {
    const double value = x[i];
    sums[i - whole] += value * value;
  }
  for (Index width = kRunningSums; width > 1; width /= 2) {
    for (Index j = 0; j < width / 2; ++j) sums[j] = sums[2 * j] + sums[2 * j + 1];
  }
  return sums[0];
}

double FinishBlock(const float* root, Index count, float* sum) {
  if (root != sum) std::copy_n(root, count, sum);
  return BlockSquares(sum, count);
}

SubtreeSum::SubtreeSum(Index slots, const std::vector<TreeNode>& nodes) : parts_(nodes.size()) {
  auto adder = MakeTreeAdder<std::size_t>(slots, [&](std::size_t left, std::size_t right) {
    additions_.push_back({left, right});
    return left;
  });
  for (std::size_t i = 0; i < nodes.size(); ++i) adder.Push(nodes[i], i);
  for (const auto& [node, part] : adder.entries()) sums_.push_back({node, part});
}

void SubtreeSum::Add(Index begin, Index end, const std::vector<float*>& parts) const {
  for (const Addition& addition : additions_) {
    AddTo(end - begin, parts[addition.right] + begin, parts[addition.left] + begin);
  }
}

}  // namespace lockstep
