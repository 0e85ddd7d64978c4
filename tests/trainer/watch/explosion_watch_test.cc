#include "trainer/watch/explosion_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

const double kUntrained = std::log(10.0);

// Training as it is: the loss falls from 2.3, norms spread by a factor of e either way and are
// large at first.
WatchedStep Ordinary(Index step) {
  const CounterRng rng(1, RandomPurpose::kTest, 0);
  const double t = static_cast<double>(step);
  const double start = 1 + 30 * std::exp(-t / 10);
  return {step, 0.2 + 2.1 * std::exp(-t / 200),
          0.3 * start * std::exp(rng.Normal(static_cast<std::uint64_t>(step))), false};
}

Index EventsUntil(ExplosionWatch* watch, Index from, Index to) {
  Index events = 0;
  for (Index step = from; step < to; ++step) events += watch->Observe(Ordinary(step)) ? 1 : 0;
  return events;
}

TEST(ExplosionWatch, IsSilentInOrdinaryTraining) {
  ExplosionWatch watch(kUntrained);
  EXPECT_EQ(EventsUntil(&watch, 0, 20000), 0);
}

TEST(ExplosionWatch, NamesAnExplosionOnceWithTheRemedy) {
  ExplosionWatch watch(kUntrained);
  EventsUntil(&watch, 0, 812);
  const auto found = watch.Observe({812, 480, 3.2e6, false});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->Describe(),
              testing::MatchesRegex("exploding gradient: loss 0.* -> 480 at step 812, gradient "
                                    "norm grew from 0.* .median of the 100 steps before. to "
                                    "3.2e.06"));
  EXPECT_GT(found->SuggestedNorm(), 0.3);
  EXPECT_LT(found->SuggestedNorm(), 1.2);
  EXPECT_FALSE(watch.Observe({813, 600, 3.3e7, false}));
  EXPECT_TRUE(watch.Recent(820));
  EXPECT_FALSE(watch.Recent(1000));
  EventsUntil(&watch, 814, 860);
  EXPECT_TRUE(watch.Observe({860, 480, 3.2e6, false}));
}

TEST(ExplosionWatch, LeavesNormsToClippingButNotLosses) {
  ExplosionWatch watch(kUntrained);
  EventsUntil(&watch, 0, 300);
  EXPECT_FALSE(watch.Observe({300, 1.0, 1e9, true}));
  EXPECT_TRUE(watch.Observe({301, 90.0, 1e9, true}));
}

TEST(ExplosionWatch, ASmallLossMayRiseToAnOrdinaryOne) {
  ExplosionWatch watch(kUntrained);
  for (Index step = 0; step < 200; ++step) watch.Observe({step, 1e-4, 1e-3, true});
  EXPECT_FALSE(watch.Observe({200, 1.5, 5, true}));
}

TEST(ExplosionWatch, ALargeNormAloneIsNone) {
  ExplosionWatch watch(kUntrained);
  for (Index step = 0; step < 200; ++step) watch.Observe({step, 1e-4, 1e-3, false});
  for (Index step = 200; step < 210; ++step) EXPECT_FALSE(watch.Observe({step, 0.9, 50, false}));
}

TEST(ExplosionWatch, ALossThatRisesAfterALargeNormIsOne) {
  ExplosionWatch watch(kUntrained);
  EventsUntil(&watch, 0, 300);
  EXPECT_FALSE(watch.Observe({300, 0.3, 1e4, false}));
  EXPECT_TRUE(watch.Observe({301, 5.0, 3, false}));
}

TEST(ExplosionWatch, SeesASlowClimb) {
  ExplosionWatch watch(kUntrained);
  EventsUntil(&watch, 0, 300);
  Index told_at = 0, told = 0;
  for (Index step = 300; step < 1000; ++step) {
    const double growth = std::exp(0.01 * static_cast<double>(step - 300));
    if (watch.Observe({step, 0.7 * growth, 0.3 * growth, false})) told_at = step, ++told;
  }
  EXPECT_EQ(told, 1);
  // The median of five, two steps late, passes 3 ln 10 where growth is 9.87: after 229 steps.
  EXPECT_EQ(told_at, 300 + 229 + 2);
}

TEST(ExplosionWatch, SeesItInTheFirstSteps) {
  ExplosionWatch watch(kUntrained);
  EXPECT_FALSE(watch.Observe({1, 2.3, 1.4, false}));
  EXPECT_FALSE(watch.Observe({2, 12, 15, false}));
  EXPECT_TRUE(watch.Observe({3, 33, 18, false}));
}

TEST(ExplosionWatch, ACtcLossBeginsFarAboveTheUntrainedOne) {
  ExplosionWatch watch(kUntrained);
  for (Index step = 0; step < 300; ++step) {
    const double t = static_cast<double>(step);
    EXPECT_FALSE(watch.Observe({step, 2.5 + 40 * std::exp(-t / 20), 3, false})) << step;
  }
}

TEST(ExplosionWatch, KnowsWhatWasThereBeforeEverythingWasLost) {
  ExplosionWatch watch(kUntrained);
  EXPECT_FALSE(watch.AtOnce());
  watch.Observe({1, 2.3, 1.4, false});
  ASSERT_TRUE(watch.AtOnce());
  EXPECT_EQ(watch.AtOnce()->Describe(),
            "exploding gradient: loss 2.3 at step 1, then no number; gradient norm was 1.4 "
            "(median of the 1 steps before) and at most 1.4");
  watch.Observe({2, 2.3, 1.4, true});
  EXPECT_FALSE(watch.AtOnce());  // clipping had it
}

}  // namespace
}  // namespace lockstep
