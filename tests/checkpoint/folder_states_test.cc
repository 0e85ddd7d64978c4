// Folders in any state that a user, a kill or a disk may leave: the newest whole checkpoint under
// its name is used, and nothing else is touched.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "checkpoint/checkpoint_folder.h"
#include "tests/checkpoint/sample_checkpoint.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

constexpr int kStates = 200;

// One random folder, and what is to be found in it.
class RandomFolder {
 public:
  RandomFolder(std::uint32_t seed, const std::string& whole, const std::string& elsewhere)
      : draw_(seed), whole_(whole), elsewhere_(elsewhere) {
    for (Index step = 1; step <= 8; ++step) Place(step);
    for (int i = 0; i < 4; ++i) PlaceForeign();
  }

  const std::string& path() const { return folder_.path(); }
  // Step of the newest whole one; 0 without any.
  Index newest_whole() const { return newest_whole_; }
  // Bears the name of a checkpoint, and is none.
  Index damaged_above() const { return damaged_above_; }
  bool holds_any() const { return newest_whole_ > 0 || damaged_above_ > 0; }

 private:
  std::uint32_t Draw(std::uint32_t below) { return draw_() % below; }

  // Something under the name of this step's checkpoint, or nothing.
  void Place(Index step) {
    const std::string path = CheckpointPath(folder_.path(), step);
    const std::uint32_t kind = Draw(12);
    if (kind < 2) return;
    if (kind < 5) return PlaceWhole(step, path);
    ++damaged_above_;
    if (kind == 5) Spill(path, whole_.substr(0, Draw(static_cast<std::uint32_t>(whole_.size()))));
    if (kind == 6) Spill(path, "");
    if (kind == 7) Spill(path, Flipped());
    if (kind == 8) fs::create_directories(path + "/not-empty");
    if (kind == 9) fs::create_symlink(folder_ / "nowhere", path);
    if (kind == 10) fs::create_symlink(path, path);
    if (kind == 11) mkfifo(path.c_str(), 0600);
  }
  void PlaceWhole(Index step, const std::string& path) {
    if (Draw(3) == 0) {
      fs::create_symlink(elsewhere_, path);  // kept on another disk
    } else {
      Spill(path, whole_);
    }
    newest_whole_ = step;
    damaged_above_ = 0;
  }
  std::string Flipped() {
    std::string bytes = whole_;
    bytes[Draw(static_cast<std::uint32_t>(bytes.size()))] ^= 1;
    return bytes;
  }
  // Files that bear no checkpoint's name, some of them whole and newer than all.
  void PlaceForeign() {
    const char* names[] = {
        ".tmp-17-0-step-000000000099.h5", "step-000000000099.h5.damaged", "step-99.h5",
        "step-000000000099.h5~",          "Step-000000000099.h5",         "latest",
        "step-00000000009x.h5",           "step-0000000000099.h5"};
    const std::string path = folder_ / names[Draw(8)];
    Spill(path, Draw(2) == 0 ? whole_ : "x");
  }

  std::mt19937 draw_;
  const std::string& whole_;
  const std::string& elsewhere_;
  TempFolder folder_;
  Index newest_whole_ = 0;
  Index damaged_above_ = 0;
};

class FolderStates : public testing::Test {
 protected:
  FolderStates() {
    sample_.Write(elsewhere_);
    whole_ = Slurp(elsewhere_);
  }
  static std::vector<std::string> Names(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path());
    std::ranges::sort(names);
    return names;
  }

  TempFolder folder_;
  SampleCheckpoint sample_;
  std::string elsewhere_ = folder_ / "kept.h5", whole_;
};

TEST_F(FolderStates, TheNewestWholeCheckpointIsFoundInAnyOfThem) {
  int found = 0, refused = 0;
  for (std::uint32_t seed = 1; seed <= kStates; ++seed) {
    const RandomFolder state(seed, whole_, elsewhere_);
    const std::vector<std::string> names = Names(state.path());
    Index damaged = 0;
    std::optional<LoadedCheckpoint> loaded;
    bool threw = false;
    try {
      loaded = LoadNewestValid(state.path(), [&](const auto&, const std::string&) { ++damaged; });
    } catch (const InputError& error) {
      threw = error.code() == ExitCode::kBadData;
    }
    EXPECT_EQ(loaded ? loaded->entry.step : 0, state.newest_whole()) << "seed " << seed;
    EXPECT_EQ(threw, state.holds_any() && state.newest_whole() == 0) << "seed " << seed;
    EXPECT_EQ(damaged, state.damaged_above()) << "seed " << seed;
    EXPECT_EQ(Names(state.path()), names) << "seed " << seed;  // looking changes nothing
    found += loaded.has_value();
    refused += threw;
  }
  EXPECT_GT(found, kStates / 2);
  EXPECT_GT(refused, 0);
}

// The writer of the folder sets damaged ones aside; all later steps then have their names free.
TEST_F(FolderStates, WhatWasSetAsideMakesRoomAndIsKept) {
  for (std::uint32_t seed = 1; seed <= kStates / 4; ++seed) {
    const RandomFolder state(seed, whole_, elsewhere_);
    if (state.newest_whole() == 0) continue;
    std::vector<CheckpointEntry> damaged;
    LoadNewestValid(state.path(),
                    [&](const auto& entry, const auto&) { damaged.push_back(entry); });
    const std::size_t files = Names(state.path()).size();
    for (const CheckpointEntry& entry : damaged) SetAside(entry);
    EXPECT_EQ(Names(state.path()).size(), files) << "seed " << seed;
    for (Index step = state.newest_whole() + 1; step <= 9; ++step) {
      EXPECT_NO_THROW(sample_.Write(CheckpointPath(state.path(), step))) << "seed " << seed;
    }
    PruneCheckpoints(state.path(), 1, 0, {});
    const auto left = ListCheckpoints(state.path());
    EXPECT_EQ(left.front().step, 9) << "seed " << seed;
    EXPECT_TRUE(std::all_of(left.begin() + 1, left.end(),
                            [](const auto& entry) { return fs::is_directory(entry.path); }))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace lockstep
