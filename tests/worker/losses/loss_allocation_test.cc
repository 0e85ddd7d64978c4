// Losses ask the heap for nothing.
#include <gtest/gtest.h>

#include "tests/support/allocation_counter.h"
#include "tests/worker/losses/ctc_problem.h"

namespace lockstep {
namespace {

TEST(CtcLoss, AllocatesNothing) {
  const CtcProblem problem(5, {30, 20}, {{1, 2, 2, 3}, {}});
  std::vector<float> logits(problem.logits.begin(), problem.logits.end());
  Workspace workspace = problem.MakeWorkspace();
  const std::int64_t before = AllocationsOfAllThreads();
  CtcLossOnly<float>(problem.layout, problem.labels, problem.offsets, 5, logits.data(), &workspace);
  CtcLoss(problem.layout, problem.labels, problem.offsets, 5, logits.data(), &workspace);
  EXPECT_EQ(AllocationsOfAllThreads() - before, 0);
  EXPECT_EQ(workspace.used_bytes(), 0);
}

}  // namespace
}  // namespace lockstep
