#include "trainer/explosion_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

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
  ExplosionWatch watch;
  EXPECT_EQ(EventsUntil(&watch, 0, 20000), 0);
}

TEST(ExplosionWatch, NamesAnExplosionOnceWithTheRemedy) {
  ExplosionWatch watch;
  EventsUntil(&watch, 0, 812);
  const auto found = watch.Observe({812, 480, 3.2e6, false});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->Describe(), testing::MatchesRegex("exploding gradient: norm 3.2e.06 at step "
                                                       "812 is .* times the median of the last 100 "
                                                       "steps, loss .* -> 480"));
  EXPECT_GT(found->SuggestedNorm(), 0.3);
  EXPECT_LT(found->SuggestedNorm(), 1.2);
  EXPECT_FALSE(watch.Observe({813, 600, 3.3e7, false}));
  EXPECT_TRUE(watch.Recent(820));
  EXPECT_FALSE(watch.Recent(1000));
  EventsUntil(&watch, 814, 860);
  EXPECT_TRUE(watch.Observe({860, 480, 3.2e6, false}));
}

TEST(ExplosionWatch, LeavesNormsToClippingButNotLosses) {
  ExplosionWatch watch;
  EventsUntil(&watch, 0, 300);
  EXPECT_FALSE(watch.Observe({300, 1.0, 1e9, true}));
  EXPECT_TRUE(watch.Observe({301, 90.0, 1e9, true}));
}

TEST(ExplosionWatch, ASmallLossMayRiseToAnOrdinaryOne) {
  ExplosionWatch watch;
  for (Index step = 0; step < 200; ++step) watch.Observe({step, 1e-4, 1e-3, true});
  EXPECT_FALSE(watch.Observe({200, 1.5, 5, true}));
}

}  // namespace
}  // namespace lockstep
