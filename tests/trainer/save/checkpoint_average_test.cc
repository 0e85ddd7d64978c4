// Means of checkpoints against sums in long double over the values that were written.
#include "trainer/save/checkpoint_average.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/aligned_buffer.h"
#include "base/durable_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "trainer/save/checkpointer.h"
#include "trainer/save/state_arrays.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

constexpr Index kWidth = 5;

// Element i of the parameter of this step.
float Value(Index step, Index i) {
  return 1 / static_cast<float>(3 * step + i + 1) + static_cast<float>(step * i);
}

class CheckpointAverage : public testing::Test {
 protected:
  void SetUp() override {
    MakeFolder(folder_);
    layout_.Add("weight", {kWidth}, {});
  }
  void Write(Index step, Index width = kWidth) {
    std::vector<float> values, moment(static_cast<std::size_t>(width), 7);
    for (Index i = 0; i < width; ++i) values.push_back(Value(step, i));
    TrainingState state;
    state.step = step;
    state.parameters_hash = "of one step";
    state.metrics_bytes = 1000 + step;
    const std::vector<ArrayView> views = {
        {"weight", ElementType::kFloat32, {width}, values.data()},
        {"optimizer/m/weight", ElementType::kFloat32, {width}, moment.data()}};
    WriteCheckpoint(CheckpointPath(folder_, step), BuildCheckpoint(StateToJson(state), views));
  }
  LoadedCheckpoint Load(Index count) {
    return LoadAverage(
        folder_, count, [](Index /*step*/) { return true; },
        [this](const CheckpointEntry& entry, const std::string& /*why*/) {
          damaged_.push_back(entry.step);
        });
  }
  TrainingState Write(Index count, Index every, Index end) {
    return WriteAverage(folder_, layout_, count, every, end, [] {});
  }
  static void ExpectMean(const CheckpointContent& content, const std::vector<Index>& steps) {
    const std::span<const float> found = content.arrays.at("weight").as<float>();
    ASSERT_EQ(found.size(), static_cast<std::size_t>(kWidth));
    for (Index i = 0; i < kWidth; ++i) {
      long double sum = 0;
      for (const Index step : steps) sum += Value(step, i);
      const auto mean = static_cast<float>(sum / static_cast<long double>(steps.size()));
      EXPECT_EQ(found[static_cast<std::size_t>(i)], mean) << i;
    }
  }

  TempFolder temp_;
  const std::string folder_ = temp_ / "checkpoints";
  ParameterLayout layout_;
  std::vector<Index> damaged_;
};

TEST_F(CheckpointAverage, IsTheMeanOfTheNewest) {
  for (const Index step : {10, 20, 30, 40}) Write(step);
  const LoadedCheckpoint mean = Load(3);
  ExpectMean(mean.content, {40, 30, 20});
  const TrainingState state = StateFromJson(mean.content.state, "");
  EXPECT_EQ(state.step, 40);
  EXPECT_THAT(state.averaged_steps, ElementsAre(40, 30, 20));
  EXPECT_EQ(state.metrics_bytes, 0);
  EXPECT_EQ(mean.content.arrays.size(), 1u) << "moments are not averaged";
}

TEST_F(CheckpointAverage, OfOneCheckpointHasItsBits) {
  Write(10);
  ExpectMean(Load(1).content, {10});
}

TEST_F(CheckpointAverage, DamagedFilesAreSkippedAndTold) {
  for (const Index step : {10, 20, 30}) Write(step);
  fs::resize_file(CheckpointPath(folder_, 20), 900);
  ExpectMean(Load(2).content, {30, 10});
  EXPECT_THAT(damaged_, ElementsAre(20));
}

TEST_F(CheckpointAverage, FewerCheckpointsAreNamed) {
  ExpectError(ExitCode::kMissingInput, "cannot average 2 checkpoints: ", [&] { Load(2); });
  for (const Index step : {10, 20}) Write(step);
  ExpectError(ExitCode::kMissingInput, "has 2 that serve, of steps 20, 10; average fewer",
              [&] { Load(3); });
}

TEST_F(CheckpointAverage, OtherShapesAreRefused) {
  Write(10, kWidth + 1);
  Write(20);
  ExpectError(ExitCode::kBadData,
              "parameter \"weight\" is float32 [6], in " + CheckpointPath(folder_, 20) +
                  " it is float32 [5]; the two cannot be averaged",
              [&] { Load(2); });
}

TEST_F(CheckpointAverage, OfARunTakesMultiplesAndTheEnd) {
  for (const Index step : {10, 17, 20, 25, 30, 33}) Write(step);
  const TrainingState state = Write(3, 10, 33);
  EXPECT_THAT(state.averaged_steps, ElementsAre(33, 30, 20));
  const CheckpointContent written = ReadCheckpoint(AveragePath(folder_));
  ExpectMean(written, {33, 30, 20});
  AlignedBuffer<float> values(layout_.size());
  RestoreParameters(written, "", layout_, values.span());
  EXPECT_EQ(StateFromJson(written.state, "").parameters_hash,
            HashParameters(layout_, values.span()));
}

TEST_F(CheckpointAverage, IsNoCheckpointOfAStep) {
  for (const Index step : {10, 20}) Write(step);
  Write(2, 10, 20);
  EXPECT_EQ(ListCheckpoints(folder_).size(), 2u);
  fs::rename(AveragePath(folder_), CheckpointPath(folder_, 30));
  ExpectMean(Load(2).content, {20, 10});
  EXPECT_THAT(damaged_, ElementsAre(30));
  const TrainingState renamed =
      StateFromJson(VerifyCheckpoint(CheckpointPath(folder_, 30)), "renamed");
  ExpectError(ExitCode::kBadData, "is a mean of checkpoints and no step of a run", [&] {
    CheckStepOfName({30, "renamed"}, renamed);
  });
}

TEST_F(CheckpointAverage, IsRemovedOnlyWithLeave) {
  RemoveAverage(folder_, [] { FAIL() << "there is nothing to remove"; });
  for (const Index step : {10, 20}) Write(step);
  Write(2, 10, 20);
  ExpectError(ExitCode::kIo, "not mine",
              [&] { RemoveAverage(folder_, [] { throw IoError("not mine"); }); });
  EXPECT_TRUE(fs::exists(AveragePath(folder_)));
  RemoveAverage(folder_, [] {});
  EXPECT_FALSE(fs::exists(AveragePath(folder_)));
}

TEST(DescribeAverage, ListsTheSteps) {
  TrainingState state;
  state.averaged_steps = {30, 20, 10};
  EXPECT_EQ(DescribeAverage(state), "the mean of steps 30, 20 and 10");
  state.averaged_steps = {30};
  EXPECT_EQ(DescribeAverage(state), "the mean of step 30");
  state.averaged_by = "ema";
  EXPECT_EQ(DescribeAverage(state), "the running average (ema) at step 30");
}

TEST(DescribeAverage, SaysThatAMeanNeverBegan) {
  TrainingState state;
  state.updates = 7;
  state.averaged_steps = {7};
  state.averaged_by = "mean";
  state.config["train.average_from"] = "7";
  EXPECT_EQ(DescribeAverage(state),
            "the running average (mean) at step 7, which had not begun by then: these are the "
            "parameters of that step");
  state.config["train.average_from"] = "6";
  EXPECT_EQ(DescribeAverage(state), "the running average (mean) at step 7");
  state.averaged_by = "mean_on_plateau";
  EXPECT_FALSE(AverageHasBegun(state));
  state.average.from = 5;
  EXPECT_TRUE(AverageHasBegun(state));
}

TEST_F(CheckpointAverage, TheRunningAverageOfACheckpointIsWrittenAsItsParameters) {
  const std::vector<float> values(kWidth, 7), average = {1, 2, 3, 4, 5};
  TrainingState state;
  state.step = 30;
  state.metrics_bytes = 1000;
  state.config["train.average_weights"] = "ema";
  const std::vector<ArrayView> views = {
      {"weight", ElementType::kFloat32, {kWidth}, values.data()},
      {"optimizer/average/weight", ElementType::kFloat32, {kWidth}, average.data()}};
  WriteCheckpoint(CheckpointPath(folder_, 30), BuildCheckpoint(StateToJson(state), views));
  const TrainingState written = WriteRunningAverage(folder_, layout_, 30, [] {});
  EXPECT_EQ(written.averaged_by, "ema");
  EXPECT_THAT(written.averaged_steps, ElementsAre(30));
  EXPECT_EQ(written.metrics_bytes, 0);
  const CheckpointContent content = ReadCheckpoint(AveragePath(folder_));
  EXPECT_EQ(content.arrays.size(), 1u);
  EXPECT_THAT(content.arrays.at("weight").as<float>(), testing::ElementsAreArray(average));
}

TEST_F(CheckpointAverage, ACheckpointWithoutARunningAverageIsNamed) {
  Write(20);
  ExpectError(ExitCode::kBadData, "holds no running average of \"weight\"; train with",
              [&] { WriteRunningAverage(folder_, layout_, 20, [] {}); });
}

}  // namespace
}  // namespace lockstep
