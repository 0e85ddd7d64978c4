#include "base/input_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(InputFile, TheFirstBytesOfAFileAreRead) {
  TempFolder folder;
  Spill(folder / "f", "0123456789");
  EXPECT_EQ(FirstBytes(folder / "f", 4), "0123");
  EXPECT_EQ(FirstBytes(folder / "f", 40), "0123456789");
  EXPECT_EQ(FirstBytes(folder / "f", 0), "");
}

TEST(InputFile, AMissingFileIsMissing) {
  TempFolder folder;
  ExpectError(ExitCode::kMissingInput, "No such file", [&] { OpenInput(folder / "none"); });
}

TEST(InputFile, OnlyRegularFilesAreOpenedAndNoneIsWaitedFor) {
  TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const std::string& path : {folder.path(), folder / "pipe", std::string("/dev/zero")}) {
    ExpectError(ExitCode::kBadData, path + ": it is no regular file", [&] { OpenInput(path); });
    ExpectError(ExitCode::kBadData, path, [&] { RequireRegularFile(path); });
  }
}

TEST(InputFile, LinksToRegularFilesAreFollowed) {
  TempFolder folder;
  Spill(folder / "f", "text");
  std::filesystem::create_symlink(folder / "f", folder / "link");
  EXPECT_EQ(FirstBytes(folder / "link", 4), "text");
  std::filesystem::create_symlink(folder / "loop", folder / "loop");
  ExpectError(ExitCode::kBadData, "loop", [&] { OpenInput(folder / "loop"); });
}

TEST(InputFile, LinksOutOfAFolderAreRefusedThoseWithinAreNot) {
  TempFolder folder, elsewhere;
  Spill(folder / "f", "text");
  Spill(elsewhere / "secret", "text");
  std::filesystem::create_symlink("f", folder / "within");
  std::filesystem::create_symlink(elsewhere / "secret", folder / "out");
  std::filesystem::create_symlink(
      "../" + std::filesystem::path(elsewhere.path()).filename().string(), folder / "sideways");
  RefuseLinkOutside(folder.path(), "f");
  RefuseLinkOutside(folder.path(), "within");
  for (const char* name : {"out", "sideways"}) {
    ExpectError(ExitCode::kBadData, std::string(name) + ": it is a symbolic link that leads out",
                [&] { RefuseLinkOutside(folder.path(), name); });
  }
  // The folder itself may be linked.
  std::filesystem::create_directory_symlink(folder.path(), elsewhere / "folder");
  RefuseLinkOutside(elsewhere / "folder", "within");
}

}  // namespace
}  // namespace lockstep
