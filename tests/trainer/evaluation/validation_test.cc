#include "trainer/evaluation/validation.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

// A validation of the metric `metric` without a model or a corpus: what is found is given.
struct Judge {
  explicit Judge(ValidationMetric metric) { options.validation.metric = metric; }
  bool Record(const Evaluation& found, std::span<const TaskMetric> own) {
    const Communicator comm = Communicator::Single();
    const CorpusInfo corpus;
    return Validation(comm, "corpus", corpus, options).Record(found, own, &state);
  }
  TrainerOptions options;
  TrainingState state;
};

// A loss of 1, 4 targets.
Evaluation Found(double squared_errors) {
  Evaluation found;
  found.loss = 1;
  found.sums.targets = 4;
  found.sums.squared_errors = squared_errors;
  return found;
}

// `right` of 10 targets in each of two classes are right, so macro F1 is right / 10.
Evaluation Classes(Index right) {
  Evaluation found = Found(0);
  found.tally = ClassTally(2);
  for (Index c = 0; c < 2; ++c) {
    found.tally.Add(c, c, right);
    found.tally.Add(c, 1 - c, 10 - right);
  }
  return found;
}

TEST(Validation, TheLowestRootMeanSquareErrorIsTheBest) {
  Judge judge(ValidationMetric::kRmse);
  EXPECT_TRUE(judge.Record(Found(400), std::array{RmseMetric()}));
  EXPECT_EQ(judge.state.best_error, 10);
  EXPECT_FALSE(judge.Record(Found(400), std::array{RmseMetric()}));
  EXPECT_FALSE(judge.Record(Found(900), std::array{RmseMetric()}));
  EXPECT_TRUE(judge.Record(Found(100), std::array{RmseMetric()}));
  EXPECT_EQ(judge.state.best_error, 5);
}

TEST(Validation, TheLargestMacroF1IsTheBest) {
  Judge judge(ValidationMetric::kMacroF1);
  const std::array metric = {MacroF1Metric(2)};
  EXPECT_TRUE(judge.Record(Classes(5), metric));
  EXPECT_DOUBLE_EQ(judge.state.best_error, 0.5);
  EXPECT_FALSE(judge.Record(Classes(4), metric));
  EXPECT_EQ(judge.state.validations_since_best, 1);
  EXPECT_TRUE(judge.Record(Classes(8), metric));
  EXPECT_DOUBLE_EQ(judge.state.best_error, 0.2);
  EXPECT_EQ(judge.state.validations_since_best, 0);
}

TEST(Validation, ThePlateauIsThatOfTheLossOrOfTheMetric) {
  for (const PlateauBy by : {PlateauBy::kLoss, PlateauBy::kMetric}) {
    Judge judge(ValidationMetric::kMacroF1);
    judge.options.schedule.patience = 0;
    judge.options.schedule.plateau_by = by;
    const std::array metric = {MacroF1Metric(2)};
    judge.Record(Classes(5), metric);
    judge.Record(Classes(6), metric);  // a better F1, the same loss
    EXPECT_EQ(judge.state.plateau.drops, by == PlateauBy::kLoss ? 1 : 0);
    judge.Record(Classes(6), metric);
    EXPECT_EQ(judge.state.plateau.drops, by == PlateauBy::kLoss ? 2 : 1);
  }
}

TEST(Validation, APlateauOfTheMetricBeginsTheMeanOfTheParameters) {
  Judge judge(ValidationMetric::kMacroF1);
  judge.options.optimizer.average = {.kind = AverageKind::kMeanOnPlateau, .patience = 1};
  const std::array metric = {MacroF1Metric(2)};
  judge.state.updates = 70;
  for (const Index right : {5, 6, 7}) judge.Record(Classes(right), metric);
  EXPECT_EQ(judge.state.average.from, -1);
  judge.Record(Classes(4), metric);
  EXPECT_EQ(judge.state.average.from, 70);
}

TEST(Validation, AMetricThatIsNotFiniteIsNeverTheBest) {
  Judge judge(ValidationMetric::kRmse);
  EXPECT_FALSE(
      judge.Record(Found(std::numeric_limits<double>::infinity()), std::array{RmseMetric()}));
  EXPECT_FALSE(judge.state.has_best);
}

TEST(ValidationMetric, HasTheNameThatItIsReadFrom) {
  for (const char* name : {"loss", "accuracy", "wer", "f1", "micro_f1", "frame_accuracy", "rmse"}) {
    EXPECT_EQ(ValidationMetricName(ValidationMetricFromName(name)), name);
  }
  ExpectError(ExitCode::kUsage,
              "loss, accuracy, wer, f1, micro_f1, frame_accuracy, rmse, perplexity and bleu",
              [] { ValidationMetricFromName("F1"); });
}

}  // namespace
}  // namespace lockstep
