#include "trainer/watch/straggler_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep {
namespace {

using ::testing::IsEmpty;

// Steps of 0.1 s on the typical rank.
class StragglerWatchTest : public ::testing::Test {
 protected:
  // What is told in so many steps; factors are of the time that a slot takes.
  std::vector<StragglerFinding> Train(const std::vector<double>& factors, int steps) {
    std::vector<StragglerFinding> found;
    std::vector<RankNote> notes(factors.size());
    for (int step = 0; step < steps; ++step) {
      for (std::size_t r = 0; r < notes.size(); ++r) {
        notes[r].busy_seconds = seconds_ * factors[r] * Shares(factors.size())[r];
      }
      now_ += seconds_;
      for (const StragglerFinding& finding : Watch(factors.size()).Observe(notes, now_)) {
        found.push_back(finding);
      }
    }
    return found;
  }
  std::vector<double> Shares(std::size_t ranks) const {
    return shares_.empty() ? std::vector<double>(ranks, 1.0) : shares_;
  }
  StragglerWatch& Watch(std::size_t ranks) {
    if (!watch_) watch_.emplace(Shares(ranks));
    return *watch_;
  }

  double seconds_ = 0.1;
  double now_ = 0;
  std::vector<double> shares_;
  std::optional<StragglerWatch> watch_;
};

TEST_F(StragglerWatchTest, EvenRanksAreNoStragglers) {
  EXPECT_THAT(Train({1, 1.2, 0.9, 1.1}, 10000), IsEmpty());
}

TEST_F(StragglerWatchTest, ASlowRankIsToldWithin100StepsWithItsFactor) {
  const auto found = Train({1, 1, 1.5, 1}, 100);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rank, 2);
  EXPECT_TRUE(found[0].is_slow);
  EXPECT_NEAR(found[0].factor, 1.5, 1e-9);
}

TEST_F(StragglerWatchTest, OfTwoRanksEachIsComparedWithTheOther) {
  const auto found = Train({1.4, 1}, 100);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rank, 0);
  EXPECT_NEAR(found[0].factor, 1.4, 1e-9);
}

TEST_F(StragglerWatchTest, AmongManyTwoSlowOnesAreBothTold) {
  const auto found = Train({1, 2, 1, 1, 3}, 100);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].rank, 1);
  EXPECT_EQ(found[1].rank, 4);
}

TEST_F(StragglerWatchTest, MoreSlotsAreNoSlowness) {
  shares_ = {3, 3, 2};
  EXPECT_THAT(Train({1, 1, 1}, 1000), IsEmpty());
}

TEST_F(StragglerWatchTest, OneSlowWindowIsForgiven) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Train({1, 3}, 50), IsEmpty());
    EXPECT_THAT(Train({1, 1}, 50), IsEmpty());
  }
}

TEST_F(StragglerWatchTest, ARankThatRecoversIsToldOnce) {
  EXPECT_EQ(Train({1, 2}, 200).size(), 1u);
  const auto found = Train({1, 1}, 1000);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].is_slow);
}

TEST_F(StragglerWatchTest, ARankThatStaysSlowIsToldEveryTenMinutes) {
  const int steps_of_an_hour = 36000;
  EXPECT_EQ(Train({1, 2}, steps_of_an_hour).size(), 6u);
}

TEST_F(StragglerWatchTest, ShortStepsAreJudgedOverASecond) {
  seconds_ = 0.001;
  EXPECT_THAT(Train({1, 2}, 1900), IsEmpty());
  EXPECT_EQ(Train({1, 2}, 200).size(), 1u);
}

TEST_F(StragglerWatchTest, ARankAloneIsNeverOne) { EXPECT_THAT(Train({5}, 1000), IsEmpty()); }

TEST(DescribeStraggler, NamesRankHostAndFactor) {
  EXPECT_THAT(Describe({3, 1.62, true}, "n7"),
              ::testing::StartsWith("rank 3 (host n7) takes 1.62 times as long"));
  EXPECT_EQ(Describe({3, 1.0, false}, "n7"), "rank 3 (host n7) is as fast as the others again");
}

}  // namespace
}  // namespace lockstep
