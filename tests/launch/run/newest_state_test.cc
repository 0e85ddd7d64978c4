#include "launch/run/newest_state.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "checkpoint/checkpoint_folder.h"
#include "tests/support/temp_folder.h"
#include "trainer/save/training_state.h"

namespace lockstep {
namespace {

class FindNewest : public testing::Test {
 protected:
  FindNewest() { std::filesystem::create_directory(checkpoints_); }
  std::string Save(Index step, const std::string& isa, const std::string& slots) {
    TrainingState state;
    state.step = step;
    state.isa = isa;
    if (!slots.empty()) state.config["batch.slots"] = slots;
    const std::string path = CheckpointPath(checkpoints_, step);
    WriteCheckpoint(path, BuildCheckpoint(StateToJson(state), {}));
    return path;
  }

  TempFolder folder_;
  std::string checkpoints_ = folder_ / "checkpoints";
};

TEST_F(FindNewest, OfARunWithoutCheckpointsIsEmpty) {
  NewestState state = {"old", "avx2", 3};
  FindNewestState(folder_.path(), &state);
  EXPECT_EQ(state.path, "");
  EXPECT_EQ(state.slots, 0);
}

TEST_F(FindNewest, PassesOverADamagedFile) {
  const std::string good = Save(1, "avx2", "12");
  Spill(Save(2, "avx512", "13"), "damaged");
  NewestState state;
  FindNewestState(folder_.path(), &state);
  EXPECT_EQ(state.path, good);
  EXPECT_EQ(state.isa, "avx2");
  EXPECT_EQ(state.slots, 12);
}

TEST_F(FindNewest, ReadsAFileOnlyOnce) {
  const std::string path = Save(1, "avx2", "");
  NewestState state;
  FindNewestState(folder_.path(), &state);
  EXPECT_EQ(state.slots, 0);
  Spill(path, "whoever reads this finds it damaged");
  FindNewestState(folder_.path(), &state);
  EXPECT_EQ(state.isa, "avx2");
}

TEST_F(FindNewest, ReadsAFileThatHasComeSince) {
  Save(1, "avx2", "4");
  NewestState state;
  FindNewestState(folder_.path(), &state);
  Save(2, "avx512", "5");
  FindNewestState(folder_.path(), &state);
  EXPECT_EQ(state.isa, "avx512");
  EXPECT_EQ(state.slots, 5);
}

}  // namespace
}  // namespace lockstep
