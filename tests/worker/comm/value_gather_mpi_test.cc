#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/worker/comm/placements.h"
#include "worker/comm/value_gather.h"

namespace lockstep {
namespace {

constexpr Index kGrain = 64, kCount = 6400;

PiecePlan PlanOf(const Communicator& comm, double replicated_share, Index group_members = 0) {
  return PiecePlan({{kCount / 2, kCount}, {0, kCount / 2}}, kCount, comm.size(),
                   {.grain = kGrain,
                    .replicated_share = replicated_share,
                    .most_per_rank = 4 * kGrain,
                    .least = 2 * kGrain,
                    .in_groups_below = group_members > 0 ? kCount : 0,
                    .group_members = std::max<Index>(2, group_members)});
}

float ValueOf(Index step, Index i) { return static_cast<float>(step * kCount + i); }

// What this rank updates gets its values of a step, piece by piece in forward order.
void Update(const Communicator& comm, const PiecePlan& plan, Index step, float* values,
            ValueGather* gather) {
  gather->Begin(values);
  for (std::size_t piece = 0; piece < plan.pieces().size(); ++piece) {
    const ElementRange mine = plan.pieces()[piece].UpdatedBy(comm.rank());
    for (Index i = mine.begin; i < mine.end; ++i) values[i] = ValueOf(step, i);
    gather->Updated(piece);
  }
}

void ExpectAllValuesOfFiveSteps(const Communicator& comm, const PiecePlan& plan,
                                const Placement& placement) {
  const HostRoutes routes(comm.rank(), placement.host_of);
  ValueGather gather(routes, plan);
  std::vector<float> values(kCount);
  for (Index step = 1; step <= 5; ++step) {
    Update(comm, plan, step, values.data(), &gather);
    gather.Finish();
    for (Index i = 0; i < kCount; ++i) {
      ASSERT_EQ(values[static_cast<std::size_t>(i)], ValueOf(step, i))
          << placement.name << ", element " << i;
    }
  }
}

TEST(ValueGatherMpi, BringsEveryRankAllValuesStepAfterStep) {
  const Communicator comm = Communicator::World();
  for (const Placement& placement : Placements(comm.size())) {
    for (double share : {0.0, 0.5, 1.0}) {
      ExpectAllValuesOfFiveSteps(comm, PlanOf(comm, share), placement);
    }
  }
}

TEST(ValueGatherMpi, BringsEveryRankAllValuesInGroupsOfRanks) {
  const Communicator comm = Communicator::World();
  for (Index group_members : {2, 4}) {
    ExpectAllValuesOfFiveSteps(comm, PlanOf(comm, 0.5, group_members), Placements(comm.size())[0]);
  }
}

// Elements that are not of the step, each read as soon as it was waited for.
Index WrongOnes(Index step, bool is_main, const std::vector<float>& values, ValueGather* gather) {
  Index wrong = 0;
  for (Index end = kGrain / 2; end <= kCount; end += kGrain / 2) {
    gather->WaitFor(end, is_main);
    for (Index i = 0; i < end; ++i) {
      wrong += values[static_cast<std::size_t>(i)] == ValueOf(step, i) ? 0 : 1;
    }
  }
  return wrong;
}

// Forward reads what it waited for while the rest is still under way; so do other threads.
TEST(ValueGatherMpi, WaitsForWhatIsAskedOnEveryThread) {
  const Communicator comm = Communicator::World();
  const PiecePlan plan = PlanOf(comm, 0.25);
  for (const Placement& placement : Placements(comm.size())) {
    const HostRoutes routes(comm.rank(), placement.host_of);
    ValueGather gather(routes, plan);
    std::vector<float> values(kCount);
    for (Index step = 1; step <= 3; ++step) {
      Update(comm, plan, step, values.data(), &gather);
      Index wrong = 0;
      std::thread other([&] { wrong = WrongOnes(step, false, values, &gather); });
      EXPECT_EQ(WrongOnes(step, true, values, &gather), 0) << placement.name;
      other.join();
      EXPECT_EQ(wrong, 0) << placement.name;
      gather.Finish();
    }
  }
}

}  // namespace
}  // namespace lockstep
