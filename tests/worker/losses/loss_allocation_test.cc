// Losses ask the heap for nothing.
#include <gtest/gtest.h>

#include "tests/support/allocation_counter.h"
#include "tests/worker/losses/crf_problem.h"
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

TEST(CrfLoss, AllocatesNothing) {
  CrfProblem problem(5, {30, 20}, {{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 4}}, {}, {}});
  problem.SetLabels(0, Labels(30, -1));
  problem.SetLabels(1, {0, 0, 1, -1, -1, 2, 3, 3, 3, 3, 3, 3, 3, -1, -1, -1, -1, -1, -1, -1});
  const std::vector<float> p(problem.parameters.begin(), problem.parameters.end());
  std::vector<float> x(problem.x.begin(), problem.x.end()), d_p(p.size());
  const CrfParameters<const float> values = problem.In<const float>(p.data());
  Workspace workspace = problem.MakeWorkspace();
  const std::int64_t before = AllocationsOfAllThreads();
  CrfLossOnly<float>(problem.layout, problem.targets, problem.rules, values, x.data(), &workspace);
  CrfLoss<float>(problem.layout, problem.targets, problem.rules, values, x.data(),
                 problem.In<float>(d_p.data()), &workspace);
  EXPECT_EQ(AllocationsOfAllThreads() - before, 0);
  EXPECT_EQ(workspace.used_bytes(), 0);
}

}  // namespace
}  // namespace lockstep
