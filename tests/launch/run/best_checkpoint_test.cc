#include "launch/run/best_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::HasSubstr;

class BestCheckpoint : public testing::Test {
 protected:
  BestCheckpoint() {
    Save(1);
    Save(2);
    Save(3);
  }
  // All of them say that step 1 had the best validation.
  std::string Save(Index step) {
    TrainingState state;
    state.step = step;
    state.has_best = true;
    state.best_step = 1;
    const std::string path = CheckpointPath(folder_.path(), step);
    WriteCheckpoint(path, BuildCheckpoint(StateToJson(state), {}));
    return path;
  }
  // The step that is loaded; `said_` is what was written meanwhile.
  Index Load() {
    testing::internal::CaptureStderr();
    const Index step = LoadBest(folder_.path()).entry.step;
    said_ = testing::internal::GetCapturedStderr();
    return step;
  }

  TempFolder folder_;
  std::string said_;
};

TEST_F(BestCheckpoint, IsTheOneThatTheNewestNames) {
  EXPECT_EQ(Load(), 1);
  EXPECT_EQ(said_, "");
}

TEST_F(BestCheckpoint, WhereItIsGoneTheNewestServes) {
  std::filesystem::remove(CheckpointPath(folder_.path(), 1));
  EXPECT_EQ(Load(), 3);
  EXPECT_THAT(said_, HasSubstr("the best checkpoint, of step 1, is not there; "));
}

TEST_F(BestCheckpoint, WhereItIsDamagedTheNewestServes) {
  Spill(CheckpointPath(folder_.path(), 1), "damaged");
  EXPECT_EQ(Load(), 3);
  EXPECT_THAT(said_, HasSubstr("the best checkpoint, of step 1, cannot be read ("));
}

TEST_F(BestCheckpoint, ADamagedNewestOneIsPassedOver) {
  Spill(CheckpointPath(folder_.path(), 3), "damaged");
  EXPECT_EQ(Load(), 1);
  EXPECT_THAT(said_, HasSubstr("step-000000000003.h5"));
}

}  // namespace
}  // namespace lockstep
