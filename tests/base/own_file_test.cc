#include "base/own_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

class OwnFile : public testing::Test {
 protected:
  void ExpectRefused(const std::string& text) {
    for (const int flags : {O_WRONLY | O_APPEND, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_TRUNC}) {
      ExpectError(ExitCode::kCannotCreate, text, [&] { OpenOwnFile(path_, flags); });
    }
  }

  TempFolder folder_;
  std::string path_ = folder_ / "log.txt";
  std::string victim_ = folder_ / "victim";
};

TEST_F(OwnFile, IsCreatedAndOpenedAgain) {
  ::close(OpenOwnFile(path_, O_WRONLY | O_CREAT));
  const int fd = OpenOwnFile(path_, O_WRONLY | O_APPEND);
  EXPECT_EQ(::write(fd, "line", 4), 4);
  ::close(fd);
  EXPECT_EQ(Slurp(path_), "line");
}

TEST_F(OwnFile, GetsTheModeThatTheUmaskLeaves) {
  for (const mode_t mask : {0022, 0002, 0077}) {
    const mode_t kept = ::umask(mask);
    const std::string path = CreateTemporary(path_);
    ::umask(kept);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0666 & ~mask);
  }
}

TEST_F(OwnFile, ALinkIsNotFollowedAndNamedWithTheRemedy) {
  Spill(victim_, "mine");
  fs::create_symlink(victim_, path_);
  ExpectRefused(path_ + ": it is a symbolic link, and links are not followed");
  ExpectRefused("move it away, and run the same command again");
  EXPECT_EQ(Slurp(victim_), "mine");
}

TEST_F(OwnFile, ALinkThatLeadsNowhereMakesNoFile) {
  fs::create_symlink(victim_, path_);
  ExpectRefused("it is a symbolic link");
  EXPECT_FALSE(fs::exists(victim_));
}

TEST_F(OwnFile, WhatIsNoRegularFileIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  ExpectRefused("move it away");
  fs::remove(path_);
  fs::create_directory(path_);
  ExpectRefused("Is a directory; move it away");
}

TEST_F(OwnFile, AMissingFolderIsNamedWithTheReason) {
  ExpectError(ExitCode::kCannotCreate, "missing/log.txt: No such file or directory",
              [&] { OpenOwnFile(folder_ / "missing/log.txt", O_WRONLY | O_CREAT); });
}

TEST_F(OwnFile, TemporaryNamesAreDifferentAndLieBesideTheirFile) {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) {
    const std::string name = TemporaryPath(path_);
    EXPECT_THAT(name, testing::MatchesRegex(folder_ / "\\.tmp-[0-9]+-[0-9]+-[0-9]+-log\\.txt"));
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_THAT(TemporaryPath("x"), testing::StartsWith(".tmp-"));
}

TEST_F(OwnFile, ATemporaryOfTheLongestNameCanBeCreated) {
  const std::string made = CreateTemporary(folder_ / (std::string(251, 'x') + "5.h5"));
  EXPECT_THAT(made, testing::EndsWith("x5.h5"));
  EXPECT_EQ(fs::file_size(made), 0U);
  EXPECT_NE(CreateTemporary(path_), CreateTemporary(path_));
}

}  // namespace
}  // namespace lockstep
