#include "base/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>

namespace lockstep {
namespace {

class ThreadTeamOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Sizes, ThreadTeamOf, testing::Values(1, 2, 3, 8));

TEST_P(ThreadTeamOf, RunsEachMemberOnceARound) {
  ThreadTeam team(GetParam());
  std::vector<int> calls(static_cast<std::size_t>(GetParam()));
  for (int round = 1; round <= 200; ++round) {
    team.Run([&](int member) { ++calls[static_cast<std::size_t>(member)]; });
    for (int count : calls) ASSERT_EQ(count, round);
  }
}

TEST_P(ThreadTeamOf, SplitCoversTheRangeOnceAtGrainBorders) {
  ThreadTeam team(GetParam());
  for (Index count : {0, 1, 15, 16, 17, 1000}) {
    std::vector<int> hits(static_cast<std::size_t>(count));
    team.Split(count, 16, [&](Index begin, Index end) {
      EXPECT_EQ(begin % 16, 0);
      for (Index i = begin; i < end; ++i) ++hits[static_cast<std::size_t>(i)];
    });
    for (int hit : hits) ASSERT_EQ(hit, 1);
  }
}

TEST(ThreadTeam, RethrowsTheErrorOfTheLowestMemberAndGoesOn) {
  ThreadTeam team(4);
  const auto fail = [](int member) {
    if (member > 0) throw std::runtime_error(std::to_string(member));
  };
  for (int round = 0; round < 10; ++round) {
    try {
      team.Run(fail);
      ADD_FAILURE() << "no error";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "1");
    }
  }
  team.Run([](int) {});
}

}  // namespace
}  // namespace lockstep
