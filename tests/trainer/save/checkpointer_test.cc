#include "trainer/save/checkpointer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "base/durable_file.h"
#include "checkpoint/checkpoint_folder.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_folder.h"
#include "trainer/save/state_arrays.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

ParameterLayout SmallLayout() {
  ParameterLayout layout;
  layout.Add("weight", {40, 50}, {});
  layout.Add("bias", {50}, {});
  return layout;
}

class CheckpointerTest : public testing::Test {
 protected:
  void SetUp() override { MakeFolder(folder_); }

  // Every element of parameters and moments is `value`.
  void Fill(float value) {
    for (const ParameterInfo& info : layout_.infos()) {
      std::fill_n(values_.data() + info.offset, info.count(), value);
    }
    for (std::size_t i = 0; i < optimizer_.moments().size(); ++i) {
      std::ranges::fill(optimizer_.MomentOf(i, 0), value);
    }
  }
  void Save(Index step) {
    Save(step, [] {});
  }
  void Save(Index step, std::function<void()> before_commit) {
    TrainingState state;
    state.step = step;
    checkpointer_.Save(state, values_.span(), optimizer_, &team_, std::move(before_commit));
  }
  // As training does between steps, until the snapshot is on the disk or has failed.
  void Settle() {
    while (checkpointer_.busy()) checkpointer_.Poll();
  }
  // Saving fails here until the folder is back.
  void TakeFolderAway() { fs::rename(folder_, folder_ + ".away"); }
  void GiveFolderBack() { fs::rename(folder_ + ".away", folder_); }

  std::vector<Index> Steps() const {
    std::vector<Index> steps;
    for (const CheckpointEntry& entry : ListCheckpoints(folder_)) steps.push_back(entry.step);
    return steps;
  }
  std::vector<std::string> Temporaries() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(".tmp-")) names.push_back(name);
    }
    return names;
  }

  TempFolder temp_;
  const std::string folder_ = temp_ / "checkpoints";
  const Communicator comm_ = Communicator::Single();
  const ParameterLayout layout_ = SmallLayout();
  const PiecePlan plan_{{{0, layout_.size()}}, layout_.size(), 1, {.grain = kBlockElements}};
  ThreadTeam team_{2};
  AlignedBuffer<float> values_{layout_.size()};
  const OptimizerOptions options_{};
  Optimizer optimizer_{options_, layout_, plan_.UpdatedBy(0)};
  Checkpointer checkpointer_{comm_,    layout_, plan_,
                             options_, folder_, CheckpointOptions{.max_failed = 3}};
};

TEST_F(CheckpointerTest, WritesTheStateOfTheStepAlthoughTrainingGoesOn) {
  constexpr int kSaves = 20;
  for (int i = 1; i <= kSaves; ++i) {
    Fill(static_cast<float>(i));
    Save(i);
    Fill(-1);  // while the writer works
    ASSERT_TRUE(checkpointer_.Finish());
    const CheckpointContent content = ReadCheckpoint(CheckpointPath(folder_, i));
    for (const auto& [name, array] : content.arrays) {
      for (const float value : array.as<float>()) ASSERT_EQ(value, static_cast<float>(i)) << name;
    }
  }
  EXPECT_EQ(checkpointer_.report().saved, kSaves);
}

TEST_F(CheckpointerTest, GoesOnAfterAFailureAndSavesTheNextTime) {
  Save(1);
  Settle();
  TakeFolderAway();
  testing::internal::CaptureStderr();
  Save(2);
  Settle();
  const std::string warning = testing::internal::GetCapturedStderr();
  EXPECT_THAT(warning, HasSubstr("step 2 is not saved: cannot create " + folder_));
  EXPECT_THAT(warning, HasSubstr("No such file or directory; last good: step 1 (failure 1 of 3"));
  EXPECT_EQ(checkpointer_.error_to_tell(), 0);
  GiveFolderBack();
  Save(3);
  EXPECT_TRUE(checkpointer_.Finish());
  EXPECT_THAT(Steps(), ElementsAre(3, 1));
}

TEST_F(CheckpointerTest, TellsTheOthersAfterSoManyFailuresInARow) {
  TakeFolderAway();
  for (Index step : {1, 2}) Save(step), Settle();
  GiveFolderBack();
  Save(3), Settle();  // a row of two ends here
  TakeFolderAway();
  for (Index step : {4, 5}) {
    Save(step), Settle();
    EXPECT_EQ(checkpointer_.error_to_tell(), 0);
  }
  Save(6), Settle();
  EXPECT_EQ(checkpointer_.error_to_tell(), static_cast<double>(ExitCode::kCannotCreate));
  ExpectError(ExitCode::kCannotCreate, "3 times in a row",
              [&] { checkpointer_.GiveUp(ExitCode::kCannotCreate); });
}

TEST_F(CheckpointerTest, TriesAgainAtOnceAtTheEnd) {
  int calls = 0;
  Save(1, [&] {
    if (++calls < 3) throw IoError("cannot fsync metrics.jsonl: Input/output error");
  });
  EXPECT_TRUE(checkpointer_.Finish());
  EXPECT_EQ(calls, 3);  // there is nothing old to delete
  EXPECT_EQ(checkpointer_.report().failed, 2);
  EXPECT_THAT(Steps(), ElementsAre(1));
}

TEST_F(CheckpointerTest, AFullDiskAtTheEndIsTriedAndThenAnError) {
  Save(1), Settle();
  const FileSizeLimit disk(4096);
  Save(2);
  ExpectError(ExitCode::kIo, "File too large; last good: step 1", [&] { checkpointer_.Finish(); });
  EXPECT_EQ(checkpointer_.report().failed, 3);
  EXPECT_THAT(Steps(), ElementsAre(1));
  EXPECT_NO_THROW(VerifyCheckpoint(CheckpointPath(folder_, 1)));
}

TEST_F(CheckpointerTest, WritesAnewWhatAnAttemptHasLeft) {
  bool first = true;
  Save(1, [&] {
    if (!first) return;
    first = false;  // as when the folder's fsync fails behind the renaming
    Spill(CheckpointPath(folder_, 1), "half a checkpoint");
    throw IoError("cannot fsync: Input/output error");
  });
  EXPECT_TRUE(checkpointer_.Finish());
  EXPECT_NO_THROW(VerifyCheckpoint(CheckpointPath(folder_, 1)));
}

TEST_F(CheckpointerTest, DeletesNothingToTryAgainOnceTheRunIsAnothers) {
  int calls = 0;
  Save(1, [&] {
    if (++calls == 1) throw IoError("cannot rename: No such file or directory");
    // Another start has taken the run in between, and saved the step.
    if (calls == 2) Spill(CheckpointPath(folder_, 1), "the successor's");
    throw Error(ExitCode::kSuperseded, "has taken over the run");
  });
  ExpectError(ExitCode::kSuperseded, "has taken over", [&] { checkpointer_.Finish(); });
  EXPECT_EQ(Slurp(CheckpointPath(folder_, 1)), "the successor's");
  EXPECT_THAT(Temporaries(), ElementsAre());
}

TEST_F(CheckpointerTest, ReplacesNoFileThatItHasNotWritten) {
  Spill(CheckpointPath(folder_, 1), "somebody else's");
  Save(1);
  Settle();
  EXPECT_EQ(checkpointer_.report().failed, 1);
  EXPECT_EQ(Slurp(CheckpointPath(folder_, 1)), "somebody else's");
}

TEST_F(CheckpointerTest, LeavesNoTemporaryFileAfterTheNextSuccess) {
  TakeFolderAway();
  Save(1), Settle();
  GiveFolderBack();
  Spill(folder_ + "/.tmp-1-2-step-000000000001.h5", "left because its removal failed, too");
  Save(2);
  EXPECT_TRUE(checkpointer_.Finish());
  EXPECT_THAT(Temporaries(), ElementsAre());
}

TEST_F(CheckpointerTest, NeverCommitsParametersThatAreNotFinite) {
  Save(1);
  EXPECT_TRUE(checkpointer_.Finish());
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::nanf("")}) {
    values_[77] = bad;
    Save(2);
    EXPECT_FALSE(checkpointer_.Finish());
  }
  EXPECT_THAT(Steps(), ElementsAre(1));
  EXPECT_EQ(checkpointer_.report().failed, 0);  // the disk is well
}

// Whoever wrote the file again knew how to make its own hash right.
TEST_F(CheckpointerTest, ParametersThatAreNotThoseOfTheStateAreDamage) {
  for (const Index step : {1, 2}) {
    Fill(static_cast<float>(step));
    Save(step);
    ASSERT_TRUE(checkpointer_.Finish());
  }
  const std::string path = CheckpointPath(folder_, 2);
  const std::string state = ReadCheckpoint(path).state;
  Fill(3);
  std::vector<ArrayView> views;
  AddViews(layout_, "", values_.data(), &views);
  for (std::size_t i = 0; i < optimizer_.moments().size(); ++i)
    AddViews(layout_, optimizer_.moments()[i].name, values_.data(), &views);
  ReplaceCheckpoint(path, BuildCheckpoint(state, views), [] {});
  TrainingState loaded;
  testing::internal::CaptureStderr();
  EXPECT_TRUE(
      checkpointer_.Load([](const TrainingState&) {}, [] {}, &loaded, values_.span(), &optimizer_));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("somebody changed the file"));
  EXPECT_EQ(loaded.step, 1);
  EXPECT_EQ(values_[0], 1);
  EXPECT_TRUE(fs::exists(path + ".damaged"));
}

TEST_F(CheckpointerTest, ParametersThatAreNoNumbersAreRefused) {
  Fill(1);
  CheckValues(HashParameters(layout_, values_.span()), "file", layout_, values_.span());
  values_[2001] = std::nanf("");
  const std::string hash = HashParameters(layout_, values_.span());
  for (const std::string& known : {hash, std::string()}) {
    ExpectError(ExitCode::kBadData, "file: array \"bias\" has values that are no finite numbers",
                [&] { CheckValues(known, "file", layout_, values_.span()); });
  }
}

TEST_F(CheckpointerTest, DeletesTheOldOnlyWhenTheNewIsThere) {
  for (Index step : {1, 2, 3}) Save(step), Settle();
  TakeFolderAway();
  Save(4), Settle();
  GiveFolderBack();
  EXPECT_THAT(Steps(), ElementsAre(3, 2, 1));
  Save(5), Settle();
  EXPECT_THAT(Steps(), ElementsAre(5, 3, 2));
}

}  // namespace
}  // namespace lockstep
