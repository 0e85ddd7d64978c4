#include "base/folder_lock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class FolderLockTest : public testing::Test {
 protected:
  TempFolder folder_;
  const std::string path_ = folder_ / "corpus";
};

TEST_F(FolderLockTest, ASecondOwnerIsRefusedWhileTheFirstLives) {
  const FolderLock lock(path_, "--out");
  EXPECT_THROW(FolderLock(path_, "--out"), InputError);
  EXPECT_TRUE(std::filesystem::exists(path_ + "/.lock"));
}

TEST_F(FolderLockTest, ALockThatWasLeftDoesNotStop) {
  std::filesystem::create_directory(path_);
  std::ofstream(path_ + "/.lock") << "process 1 on elsewhere";
  const FolderLock lock(path_, "--out");
}

TEST_F(FolderLockTest, AnEmptyFolderThatItMadeIsRemoved) {
  { const FolderLock lock(path_, "--out"); }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(FolderLockTest, AFolderWithFilesStaysWithoutTheLock) {
  {
    const FolderLock lock(path_, "--out");
    std::ofstream(path_ + "/train-00000.h5") << "x";
  }
  EXPECT_TRUE(std::filesystem::exists(path_ + "/train-00000.h5"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "/.lock"));
}

}  // namespace
}  // namespace lockstep
