#include <gtest/gtest.h>

#include "worker/comm/root_gather.h"

namespace lockstep {
namespace {

constexpr Index kGrain = 64, kCount = 6400;
constexpr std::size_t kArrays = 2;

float ValueOf(std::size_t array, Index round, Index i) {
  return static_cast<float>((static_cast<Index>(array) * 10 + round) * kCount + i);
}

class RootGatherMpi : public testing::Test {
 protected:
  PiecePlan PlanOf(double replicated_share) const {
    return PiecePlan({{kCount / 2, kCount}, {0, kCount / 2}}, kCount, comm.size(),
                     {.grain = kGrain,
                      .replicated_share = replicated_share,
                      .most_per_rank = 4 * kGrain,
                      .least = 2 * kGrain});
  }
  // What this rank updates, as an optimiser has it.
  std::vector<float> Mine(const PiecePlan& plan, std::size_t array, Index round) const {
    std::vector<float> mine;
    for (const ElementRange& range : plan.UpdatedBy(comm.rank())) {
      for (Index i = range.begin; i < range.end; ++i) mine.push_back(ValueOf(array, round, i));
    }
    return mine;
  }
  // Begins with copies that are gone at once, as moments are after the next step.
  void Begin(const PiecePlan& plan, Index round, ThreadTeam* team, RootGather* gather) const {
    std::vector<float> first = Mine(plan, 0, round), second = Mine(plan, 1, round);
    gather->Begin({first, second}, team);
    first.assign(first.size(), -1);
    second.assign(second.size(), -1);
  }
  void ExpectWhole(const RootGather& gather, Index round) const {
    for (std::size_t array = 0; array < kArrays; ++array) {
      const std::span<const float> whole = gather.whole(array);
      ASSERT_EQ(whole.size(), comm.rank() == 0 ? static_cast<std::size_t>(kCount) : 0u);
      for (std::size_t i = 0; i < whole.size(); ++i) {
        ASSERT_EQ(whole[i], ValueOf(array, round, static_cast<Index>(i))) << "element " << i;
      }
    }
  }
  const Communicator comm = Communicator::World();
};

TEST_F(RootGatherMpi, BringsWhatTheArraysWereWhenItBegan) {
  for (double share : {0.0, 0.5, 1.0}) {
    const PiecePlan plan = PlanOf(share);
    RootGather gather(comm, plan, kArrays);
    for (int threads : {1, 3}) {
      ThreadTeam team(threads);
      for (Index round = 0; round < 3; ++round) {
        Begin(plan, round, &team, &gather);
        gather.Finish();
        ExpectWhole(gather, round);
      }
    }
  }
}

// Ranks are steps apart and block in other exchanges between two polls, as in training.
TEST_F(RootGatherMpi, GoesOnBetweenOtherExchanges) {
  const PiecePlan plan = PlanOf(0.25);
  RootGather gather(comm, plan, kArrays);
  ThreadTeam team(1);
  for (Index round = 0; round < 5; ++round) {
    Begin(plan, round, &team, &gather);
    for (int step = 0; step < 20; ++step) {
      if (comm.rank() != 0 || step % 7 == 3) gather.Poll();
      ASSERT_EQ(comm.Max(comm.rank()), comm.size() - 1);
    }
    gather.Finish();
    ExpectWhole(gather, round);
  }
}

}  // namespace
}  // namespace lockstep
