#include "checkpoint/checkpoint_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/hash.h"
#include "tests/checkpoint/sample_checkpoint.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CheckpointFolder : public testing::Test {
 protected:
  void Save(Index step) { sample_.Write(CheckpointPath(folder_.path(), step)); }
  void Damage(Index step) {
    const std::string path = CheckpointPath(folder_.path(), step);
    std::string bytes = Slurp(path);
    bytes[bytes.size() / 2] ^= 1;
    Spill(path, bytes);
  }
  [[noreturn]] void SaveUntilKilled(Index step) {
    try {
      while (true) Save(step++);
    } catch (...) {
      _exit(1);  // back in the test, it would run the rest of the tests a second time
    }
  }
  // Raises the format version of a checkpoint and makes its header whole again.
  void MakeNewer(Index step) {
    const std::string path = CheckpointPath(folder_.path(), step);
    std::string bytes = Slurp(path);
    bytes[8] = kCheckpointFormatVersion + 1;
    const std::uint64_t hash = Hash64(std::as_bytes(std::span(bytes)).first(504));
    std::memcpy(bytes.data() + 504, &hash, 8);
    Spill(path, bytes);
  }
  std::vector<Index> Steps() {
    std::vector<Index> steps;
    for (const CheckpointEntry& entry : ListCheckpoints(folder_.path()))
      steps.push_back(entry.step);
    return steps;
  }
  std::optional<LoadedCheckpoint> Load() {
    return LoadNewestValid(folder_.path(), [this](const auto& entry, const std::string& why) {
      damaged_.push_back(entry);
      reasons_.push_back(why);
    });
  }

  TempFolder folder_;
  SampleCheckpoint sample_;
  std::vector<CheckpointEntry> damaged_;
  std::vector<std::string> reasons_;
};

TEST_F(CheckpointFolder, NamesSortLikeSteps) {
  EXPECT_EQ(CheckpointPath("run/checkpoints", 1200), "run/checkpoints/step-000000001200.h5");
}

TEST_F(CheckpointFolder, ListsTheNewestFirst) {
  for (Index step : {20, 100, 3}) Save(step);
  EXPECT_THAT(Steps(), ElementsAre(100, 20, 3));
}

TEST_F(CheckpointFolder, ForeignFilesAndTemporariesAreIgnored) {
  Save(5);
  for (const char* name : {"step-7.h5", "step-0000000000007.h5", "step-00000000000x.h5",
                           "step--00000000007.h5", "step-000000000007.h5.damaged", "notes.txt",
                           ".tmp-1-0-step-000000000007.h5", "step-000000000007.hdf"}) {
    Spill(folder_ / name, "x");
  }
  EXPECT_THAT(Steps(), ElementsAre(5));
  EXPECT_EQ(Load()->entry.step, 5);
  EXPECT_THAT(damaged_, IsEmpty());
}

TEST_F(CheckpointFolder, NothingToResumeFromAnEmptyOrMissingFolder) {
  EXPECT_FALSE(Load().has_value());
  EXPECT_FALSE(LoadNewestValid(folder_ / "missing", nullptr).has_value());
}

TEST_F(CheckpointFolder, AFolderThatCannotBeListedIsAnErrorNotAnEmptyOne) {
  Spill(folder_ / "file", "x");
  ExpectError(ExitCode::kIo, "Not a directory", [&] { ListCheckpoints(folder_ / "file"); });
}

TEST_F(CheckpointFolder, LoadsTheNewest) {
  for (Index step : {1, 2, 3}) Save(step);
  const auto loaded = Load();
  EXPECT_EQ(loaded->entry.step, 3);
  EXPECT_EQ(loaded->content.state, sample_.state);
}

// A run that goes on deletes old checkpoints while another program reads them.
TEST_F(CheckpointFolder, WhatIsDeletedAfterItWasListedIsLookedForAgain) {
  for (Index step : {1, 2}) Save(step);
  const auto go_on = [&](const LoadedCheckpoint& loaded) {
    if (loaded.entry.step > 2) return;
    std::filesystem::remove(loaded.entry.path);
    Save(loaded.entry.step + 2);
    throw BadData("gone");
  };
  const auto refuse = [](const CheckpointEntry&, const std::string& why) { FAIL() << why; };
  EXPECT_EQ(LoadNewestValid(folder_.path(), refuse, go_on)->entry.step, 4);
}

TEST_F(CheckpointFolder, ARunThatIsAlwaysAheadEndsTheSearchAfterTenLists) {
  Save(1);
  const auto stay_ahead = [&](const LoadedCheckpoint& loaded) {
    std::filesystem::remove(loaded.entry.path);
    Save(loaded.entry.step + 1);
    throw BadData("gone");
  };
  int told = 0;
  ExpectError(ExitCode::kBadData, "all 1 checkpoints in it are damaged", [&] {
    LoadNewestValid(
        folder_.path(), [&](const auto&, const std::string&) { ++told; }, stay_ahead);
  });
  EXPECT_EQ(told, 1);
  EXPECT_THAT(Steps(), ElementsAre(11));
}

TEST_F(CheckpointFolder, ADamagedNewestIsNamedAndTheOneBeforeIsUsed) {
  for (Index step : {1, 2, 3}) Save(step);
  Damage(3);
  EXPECT_EQ(Load()->entry.step, 2);
  ASSERT_EQ(damaged_.size(), 1u);
  EXPECT_EQ(damaged_[0].step, 3);
  EXPECT_THAT(reasons_[0], HasSubstr("step-000000000003.h5: damaged"));
  EXPECT_THAT(Steps(), ElementsAre(3, 2, 1));  // nothing is deleted
}

TEST_F(CheckpointFolder, AllDamagedIsAnErrorNotAFreshStart) {
  for (Index step : {1, 2}) Save(step), Damage(step);
  ExpectError(ExitCode::kBadData, "all 2 checkpoints in it are damaged", [&] { Load(); });
  EXPECT_EQ(damaged_.size(), 2u);
}

TEST_F(CheckpointFolder, ANewerFormatIsNoDamageAndNotSkipped) {
  for (Index step : {1, 2}) Save(step);
  MakeNewer(2);
  ExpectError(ExitCode::kBadData, "use a newer lockstep", [&] { Load(); });
  EXPECT_THAT(damaged_, IsEmpty());
}

TEST_F(CheckpointFolder, ASetAsideFileMakesRoomForTheSameStep) {
  for (int i = 0; i < 2; ++i) {
    Save(3);
    SetAside({3, CheckpointPath(folder_.path(), 3)});
  }
  EXPECT_THAT(Steps(), IsEmpty());
  EXPECT_FALSE(Slurp(folder_ / "step-000000000003.h5.damaged").empty());
  EXPECT_FALSE(Slurp(folder_ / "step-000000000003.h5.damaged-2").empty());
}

TEST_F(CheckpointFolder, PruningKeepsTheNewestAndTheProtected) {
  for (Index step : {1, 2, 3, 4, 5}) Save(step);
  PruneCheckpoints(folder_.path(), 2, 0, {1, 5});
  EXPECT_THAT(Steps(), ElementsAre(5, 4, 1));
}

TEST_F(CheckpointFolder, PruningKeepsMultiplesForEver) {
  for (Index step = 1; step <= 9; ++step) Save(step);
  PruneCheckpoints(folder_.path(), 1, 3, {1});
  EXPECT_THAT(Steps(), ElementsAre(9, 6, 3, 1));
}

TEST_F(CheckpointFolder, KeepZeroKeepsAll) {
  for (Index step : {1, 2, 3}) Save(step);
  PruneCheckpoints(folder_.path(), 0, 0, {});
  EXPECT_EQ(Steps().size(), 3u);
}

// Whoever may write is asked in between: what comes later may be another's.
TEST_F(CheckpointFolder, PruningDeletesOnlyWhatWasOldBeforeItAsked) {
  for (Index step : {1, 2, 3}) Save(step);
  PruneCheckpoints(folder_.path(), 1, 0, {}, [&] {
    for (Index step : {4, 5}) Save(step);
  });
  EXPECT_THAT(Steps(), ElementsAre(5, 4, 3));
}

TEST_F(CheckpointFolder, NothingIsDeletedWhenItIsRefused) {
  for (Index step : {1, 2}) Save(step);
  Spill(folder_ / ".tmp-1-0-step-000000000007.h5", "half");
  const auto refuse = [] { throw Error(ExitCode::kSuperseded, "has taken over"); };
  ExpectError(ExitCode::kSuperseded, "has taken over",
              [&] { PruneCheckpoints(folder_.path(), 1, 0, {}, refuse); });
  ExpectError(ExitCode::kSuperseded, "has taken over",
              [&] { RemoveTemporaries(folder_.path(), refuse); });
  EXPECT_THAT(Steps(), ElementsAre(2, 1));
  EXPECT_EQ(Slurp(folder_ / ".tmp-1-0-step-000000000007.h5"), "half");
}

TEST_F(CheckpointFolder, TemporariesThatComeAfterItAskedStay) {
  Spill(folder_ / ".tmp-1-0-step-000000000007.h5", "half");
  RemoveTemporaries(folder_.path(), [&] { Spill(folder_ / ".tmp-2-0-step-000000000007.h5", "x"); });
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".tmp-1-0-step-000000000007.h5"));
  EXPECT_EQ(Slurp(folder_ / ".tmp-2-0-step-000000000007.h5"), "x");
}

TEST_F(CheckpointFolder, OnlyTemporariesOfThisProgramAreRemoved) {
  const std::vector<std::string> foreign = {".tmp-notes", ".tmp-1-notes", ".tmp-", ".tmp-1-2-"};
  for (const std::string& name : foreign) Spill(folder_ / name, "x");
  std::filesystem::create_directory(folder_ / ".tmp-1-2-3-step-000000000009.h5");
  std::filesystem::create_symlink("/nowhere", folder_ / ".tmp-1-2-4-step-000000000009.h5");
  Spill(folder_ / ".tmp-17-4-1-step-000000000009.h5", "half");
  RemoveTemporaries(folder_.path());
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".tmp-17-4-1-step-000000000009.h5"));
  for (const std::string& name : foreign) EXPECT_EQ(Slurp(folder_ / name), "x");
  EXPECT_TRUE(std::filesystem::is_directory(folder_ / ".tmp-1-2-3-step-000000000009.h5"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / ".tmp-1-2-4-step-000000000009.h5"));
}

TEST_F(CheckpointFolder, ThatIsALinkIsNotFollowed) {
  Save(1);
  const TempFolder run;
  const std::string link = run / "checkpoints";
  std::filesystem::create_directory_symlink(folder_.path(), link);
  const auto refused = [&](auto call) {
    ExpectError(ExitCode::kBadData, link + " is a symbolic link, which is not followed", call);
  };
  refused([&] { ListCheckpoints(link); });
  refused([&] { RequireNoLink(link); });
  refused([&] { PruneCheckpoints(link, 1, 0, {}); });
  refused([&] { LoadNewestValid(link, [](const CheckpointEntry&, const std::string&) {}); });
  EXPECT_THAT(Steps(), ElementsAre(1));
}

TEST_F(CheckpointFolder, PruningTouchesNoForeignFile) {
  for (Index step : {1, 2}) Save(step);
  Spill(folder_ / "notes.txt", "x");
  PruneCheckpoints(folder_.path(), 1, 0, {});
  EXPECT_EQ(Slurp(folder_ / "notes.txt"), "x");
}

// Each child saves one step after the other until it is killed, at another moment each time:
// counted from the end of its first save, as a slow disk may take longer for one than all moments
// last.
TEST_F(CheckpointFolder, AKillLeavesOnlyWholeCheckpointsAndTemporaries) {
  constexpr int kKills = 20;
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) SaveUntilKilled(1000 * kill_number);
    while (!std::filesystem::exists(CheckpointPath(folder_.path(), 1000 * kill_number))) {
      ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "the child ended before it had saved";
      usleep(200);
    }
    usleep(static_cast<useconds_t>(777 * kill_number));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  for (Index step : Steps()) {
    EXPECT_NO_THROW(VerifyCheckpoint(CheckpointPath(folder_.path(), step))) << "step " << step;
  }
  EXPECT_FALSE(Steps().empty());
}

TEST_F(CheckpointFolder, TemporariesOfKilledWritersAreRemovedOnRequest) {
  Save(1);
  Spill(folder_ / ".tmp-1-0-step-000000000007.h5", "half");
  Spill(folder_ / ".hidden", "x");
  RemoveTemporaries(folder_.path());
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".tmp-1-0-step-000000000007.h5"));
  EXPECT_EQ(Slurp(folder_ / ".hidden"), "x");
  EXPECT_THAT(Steps(), ElementsAre(1));
}

}  // namespace
}  // namespace lockstep
