#include "launch/supervise/stall_watch.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

namespace lockstep {
namespace {

constexpr double kLimit = 6;
constexpr double kTick = 0.1;

// A rank that is fed to a watch, a tick at a time.
class StallWatchTest : public ::testing::Test {
 protected:
  // The first stall in so many seconds in which the sample stays as it is.
  std::optional<Stall> Silence(
      double seconds, const std::function<void()>& meanwhile = [] {}) {
    for (double t = 0; t < seconds; t += kTick) {
      meanwhile();
      if (const auto stall = watch_.Observe(sample_, kTick)) return stall;
    }
    return std::nullopt;
  }
  void Train(int steps, double seconds_of_each) {
    for (int step = 0; step < steps; ++step) {
      for (double t = 0; t < seconds_of_each; t += kTick) {
        ++sample_.beats;
        EXPECT_FALSE(watch_.Observe(sample_, kTick)) << "step " << step;
      }
      ++sample_.finished_step;
    }
    ++sample_.beats;
    EXPECT_FALSE(watch_.Observe(sample_, kTick));
  }
  void ExpectStall(const std::optional<Stall>& stall, StallKind kind, double seconds) {
    ASSERT_TRUE(stall.has_value());
    EXPECT_EQ(stall->kind, kind);
    EXPECT_NEAR(stall->seconds, seconds, 2 * kTick);
  }

  StallWatch watch_{kLimit};
  RankSample sample_{.phase = RankPhase::kForward, .finished_step = 0};
};

TEST_F(StallWatchTest, ARankWithoutBeatsHasStalledAfterTheLimit) {
  Train(5, 0.2);
  ExpectStall(Silence(60), StallKind::kNoProgress, kLimit);
}

TEST_F(StallWatchTest, ARankThatBeatsHasNotHoweverLongAStepLasts) {
  Train(5, 0.2);
  for (int i = 0; i < 10000; ++i) {
    ++sample_.beats;
    EXPECT_FALSE(Silence(5)) << i;
  }
}

TEST_F(StallWatchTest, TenMedianStepsAreAllowedWhereTheyAreLonger) {
  Train(9, 2.0);
  EXPECT_NEAR(watch_.StepLimit(), 16, 2);  // ten of 2 s, less the 4 s that the end takes
  ExpectStall(Silence(60), StallKind::kNoProgress, watch_.StepLimit());
}

TEST_F(StallWatchTest, OneLongStepDoesNotMoveTheMedian) {
  Train(9, 0.2);
  Train(1, 300);
  EXPECT_EQ(watch_.StepLimit(), kLimit);
}

TEST_F(StallWatchTest, TheFirstStepHasNoLongerLimit) {
  ExpectStall(Silence(60), StallKind::kNoProgress, kLimit);
}

TEST_F(StallWatchTest, SilenceWithoutAnExplanationIsAStallInEveryPhase) {
  Train(5, 0.2);
  for (int phase = 0; phase < static_cast<int>(RankPhase::kCount); ++phase) {
    sample_.phase = static_cast<RankPhase>(phase);
    sample_.activity.known = true;
    ++sample_.beats;
    EXPECT_FALSE(watch_.Observe(sample_, kTick));
    ExpectStall(Silence(60), StallKind::kNoProgress, kLimit);
  }
}

// Each of what may explain a silence, for as long as the longest limit.
TEST_F(StallWatchTest, SilenceThatIsExplainedHasTenTimesTheLimitAndTheTimeOfACheckpoint) {
  Train(5, 0.2);
  sample_.checkpoint_bytes = 1'000'000'000;
  sample_.activity.known = true;
  const std::array<std::function<void()>, 3> reasons = {[&] { ++sample_.activity.io; },
                                                        [&] { ++sample_.activity.faults; },
                                                        [&] { sample_.activity.storage = true; }};
  for (const auto& goes_on : reasons) {
    sample_.activity.storage = false;
    ++sample_.beats;
    EXPECT_FALSE(watch_.Observe(sample_, kTick));
    ExpectStall(Silence(1000, goes_on), StallKind::kNoProgress, 10 * kLimit + 100);
  }
}

TEST_F(StallWatchTest, TimeWithoutACoreIsNotTheRanksOwn) {
  Train(5, 0.2);
  sample_.activity.known = true;
  ++sample_.beats;
  EXPECT_FALSE(watch_.Observe(sample_, kTick));
  const auto stall = Silence(100, [&] { sample_.activity.queued += 0.75 * kTick; });
  ExpectStall(stall, StallKind::kNoProgress, 4 * kLimit);
}

// The system adds the time without a core when it ends, here every three seconds.
TEST_F(StallWatchTest, TimeWithoutACoreIsNotTheRanksOwnHoweverLateItIsTold) {
  Train(5, 0.2);
  sample_.activity.known = true;
  sample_.activity.computed = 1;
  ++sample_.beats;
  EXPECT_FALSE(watch_.Observe(sample_, kTick));
  int tick = 0;
  const auto has_a_core_at_times = [&] {
    if (++tick % 30 != 0) return;
    sample_.activity.computed += 0.51;
    sample_.activity.queued += 2.49;
  };
  const auto stall = Silence(100, has_a_core_at_times);
  ExpectStall(stall, StallKind::kNoProgress, 6 * kLimit);  // the 12th time
}

TEST_F(StallWatchTest, ALoopWithoutAnEndIsFoundHoweverLateItsTimeIsTold) {
  Train(5, 0.2);
  sample_.activity.known = true;
  sample_.activity.computed = 1;
  int tick = 0;
  const auto computes = [&] {
    if (++tick % 10 == 0) sample_.activity.computed += 1;
  };
  const auto stall = Silence(100, computes);
  ASSERT_TRUE(stall.has_value());
  EXPECT_NEAR(stall->seconds, kLimit, 1.1);
}

TEST_F(StallWatchTest, WhoComputesAllTheTimeInACallThatSleepsHangs) {
  Train(5, 0.2);
  sample_.activity.known = true;
  sample_.waiting = Waiting::kInside;
  EXPECT_FALSE(watch_.Observe(sample_, kTick));
  const auto waits = [&] { sample_.activity.computed += 0.5 * kTick; };
  EXPECT_FALSE(Silence(10 * kLimit, waits));
  const auto computes = [&] { sample_.activity.computed += kTick; };
  ASSERT_FALSE(Silence(kLimit, computes).has_value());
  ASSERT_TRUE(Silence(1, computes).has_value());
}

TEST_F(StallWatchTest, AStoppedProcessIsFoundInAnyPhaseEvenWhenItWaits) {
  Train(5, 0.2);
  for (int phase = 0; phase < static_cast<int>(RankPhase::kCount); ++phase) {
    sample_.phase = static_cast<RankPhase>(phase);
    sample_.waiting = phase % 2 == 0 ? Waiting::kInside : Waiting::kNo;
    sample_.state = 'S';
    ++sample_.beats;
    EXPECT_FALSE(watch_.Observe(sample_, kTick));
    sample_.state = 'T';
    const std::optional<Stall> stall = Silence(100);
    ASSERT_TRUE(stall.has_value()) << Name(sample_.phase);
    EXPECT_NEAR(stall->seconds, kLimit, 2 * kTick) << Name(sample_.phase);
  }
}

TEST_F(StallWatchTest, AStopIsTheReasonAlsoWhereSilenceIsOlder) {
  Train(5, 0.2);
  EXPECT_FALSE(Silence(kLimit / 2));
  sample_.state = 'T';
  ExpectStall(Silence(60), StallKind::kStopped, kLimit);
}

TEST_F(StallWatchTest, StopsThatEndInTimeAreForgiven) {
  Train(5, 0.2);
  for (int i = 0; i < 100; ++i) {
    sample_.state = 'T';
    EXPECT_FALSE(Silence(kLimit - 1)) << i;
    sample_.state = 'R';
    ++sample_.beats;
    EXPECT_FALSE(watch_.Observe(sample_, kTick)) << i;
  }
}

TEST_F(StallWatchTest, TimeDoesNotPassWhileADebuggerHoldsTheRank) {
  Train(5, 0.2);
  sample_.state = 't';
  EXPECT_FALSE(Silence(1000));
}

TEST_F(StallWatchTest, ARankThatWaitsForOthersIsGivenLongerThanTheyAre) {
  Train(5, 0.2);
  sample_.waiting = Waiting::kInside;
  EXPECT_FALSE(Silence(10 * kLimit + 1));  // the longest that another may take for itself
  ExpectStall(Silence(100), StallKind::kOthers, 15 * kLimit);
}

TEST_F(StallWatchTest, WaitingForOthersToStartIsGivenFiveMinutes) {
  sample_.phase = RankPhase::kConnect;
  sample_.waiting = Waiting::kInside;
  EXPECT_FALSE(Silence(299));
  ExpectStall(Silence(100), StallKind::kOthers, 300);
}

TEST_F(StallWatchTest, ALoopOfMessagesThatTurnsOnlyWaits) {
  Train(5, 0.2);
  sample_.waiting = Waiting::kPolling;
  for (double t = 0; t < 10 * kLimit; t += kTick) {
    ++sample_.polls;
    EXPECT_FALSE(watch_.Observe(sample_, kTick));
  }
  ExpectStall(Silence(60), StallKind::kInsideMpi, kLimit + 0.5);
}

TEST_F(StallWatchTest, AWriterThatDoesNothingIsFoundWhileTheRankGoesOn) {
  Train(5, 0.2);
  sample_.writer = 77;
  sample_.written = 1;
  ExpectStall(Silence(100, [&] { ++sample_.beats; }), StallKind::kWriter, kLimit);
}

TEST_F(StallWatchTest, AWriterThatWorksHasTenTimesTheLimit) {
  Train(5, 0.2);
  sample_.writer = 77;
  sample_.written = 1;
  const auto works = [&] { ++sample_.beats, ++sample_.writing.io; };
  ExpectStall(Silence(100, works), StallKind::kWriter, 10 * kLimit);
}

// The system tells of a time without a core when it ends.
TEST_F(StallWatchTest, AWriterWithoutACoreHasTenTimesTheLimit) {
  Train(5, 0.2);
  sample_.writer = 77;
  sample_.written = 1;
  sample_.writing.runs = true;
  ExpectStall(Silence(100, [&] { ++sample_.beats; }), StallKind::kWriter, 10 * kLimit);
}

TEST_F(StallWatchTest, WritesOneAfterTheOtherAreNoLongOne) {
  Train(5, 0.2);
  sample_.writer = 77;
  for (double t = 0; t < 1000; t += 30) {
    ++sample_.written;
    ++sample_.beats;
    for (int tick = 0; tick < 300; ++tick) {
      ++sample_.writing.io;
      ++sample_.beats;
      EXPECT_FALSE(watch_.Observe(sample_, kTick));
    }
  }
}

TEST_F(StallWatchTest, ALimitOfZeroSwitchesItOff) {
  watch_ = StallWatch(0);
  sample_.state = 'T';
  EXPECT_FALSE(Silence(100000));
}

}  // namespace
}  // namespace lockstep
