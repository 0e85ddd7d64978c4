#include "trainer/step/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lockstep {
namespace {

double RateAt(const ScheduleOptions& options, Index step) {
  return LearningRate(options, PlateauState{}, step);
}

TEST(LearningRate, WarmsUpLinearlyAndReachesThePeakInItsLastStep) {
  const ScheduleOptions options{.learning_rate = 0.8, .warmup_steps = 4};
  EXPECT_DOUBLE_EQ(RateAt(options, 0), 0.2);
  EXPECT_DOUBLE_EQ(RateAt(options, 3), 0.8);
  EXPECT_DOUBLE_EQ(RateAt(options, 100), 0.8);
}

TEST(LearningRate, InverseSquareRootHalvesWhenStepsQuadruple) {
  const ScheduleOptions options{
      .kind = ScheduleKind::kInverseSqrt, .learning_rate = 1.0, .warmup_steps = 100};
  EXPECT_DOUBLE_EQ(RateAt(options, 399), 0.5);
}

TEST(LearningRate, CosineIsHalfwayInTheMiddleAndLowestAtTheEnd) {
  const ScheduleOptions options{.kind = ScheduleKind::kCosine,
                                .learning_rate = 1.0,
                                .warmup_steps = 10,
                                .decay_steps = 100,
                                .lowest = 0.2};
  EXPECT_DOUBLE_EQ(RateAt(options, 10), 1.0);
  EXPECT_DOUBLE_EQ(RateAt(options, 60), 0.6);
  EXPECT_DOUBLE_EQ(RateAt(options, 110), 0.2);
  EXPECT_DOUBLE_EQ(RateAt(options, 5000), 0.2);
}

TEST(LearningRate, StepDropsByItsFactorEachStair) {
  const ScheduleOptions options{
      .kind = ScheduleKind::kStep, .learning_rate = 1.0, .decay_steps = 10, .factor = 0.1};
  EXPECT_DOUBLE_EQ(RateAt(options, 9), 1.0);
  EXPECT_DOUBLE_EQ(RateAt(options, 10), 0.1);
  EXPECT_NEAR(RateAt(options, 25), 0.01, 1e-15);
}

// Zaremba et al. 2014: 6 epochs at the highest rate, then a drop by 1.2 after each epoch.
TEST(LearningRate, StepAndCosineBeginAfterTheConstantSteps) {
  ScheduleOptions options{.kind = ScheduleKind::kStep,
                          .learning_rate = 1.0,
                          .warmup_steps = 3,
                          .constant_steps = 50,
                          .decay_steps = 10,
                          .factor = 1 / 1.2};
  EXPECT_DOUBLE_EQ(RateAt(options, 62), 1.0);
  EXPECT_DOUBLE_EQ(RateAt(options, 63), 1 / 1.2);
  EXPECT_DOUBLE_EQ(RateAt(options, 73), 1 / 1.44);
  options.kind = ScheduleKind::kCosine;
  EXPECT_DOUBLE_EQ(RateAt(options, 53), 1.0);
  EXPECT_DOUBLE_EQ(RateAt(options, 58), 0.5);
}

TEST(LearningRate, PlateauStopsAtTheLowestRate) {
  const ScheduleOptions options{.kind = ScheduleKind::kPlateau,
                                .learning_rate = 1.0,
                                .factor = 0.25,
                                .lowest = 0.1,
                                .patience = 0};
  PlateauState state;
  for (int i = 0; i < 4; ++i) ObserveValidation(options, 2.0, &state);
  EXPECT_EQ(state.drops, 2);
  EXPECT_DOUBLE_EQ(LearningRate(options, state, 7), 0.1);
  const PlateauState at_lowest = state;
  ObserveValidation(options, 2.0, &state);
  EXPECT_EQ(state.drops, at_lowest.drops);  // there is nothing to announce
}

TEST(LearningRate, PlateauDropsWhenPatienceRunsOut) {
  const ScheduleOptions options{
      .kind = ScheduleKind::kPlateau, .learning_rate = 1.0, .factor = 0.5, .patience = 1};
  PlateauState state;
  ObserveValidation(options, 2.0, &state);
  ObserveValidation(options, 2.0, &state);
  EXPECT_DOUBLE_EQ(LearningRate(options, state, 7), 1.0);
  ObserveValidation(options, 2.0, &state);
  EXPECT_DOUBLE_EQ(LearningRate(options, state, 7), 0.5);
  ObserveValidation(options, 1.0, &state);
  EXPECT_EQ(state.worse, 0);
  EXPECT_DOUBLE_EQ(LearningRate(options, state, 7), 0.5);
}

}  // namespace
}  // namespace lockstep
