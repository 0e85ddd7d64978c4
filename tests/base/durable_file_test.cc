#include "base/durable_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

class DurableFile : public testing::Test {
 protected:
  int FileCount() {
    return static_cast<int>(std::distance(fs::directory_iterator(folder_.path()), {}));
  }

  TempFolder folder_;
  std::string path_ = folder_ / "file";
};

TEST_F(DurableFile, HoldsThePiecesInOrderAndNothingElseIsLeft) {
  const std::string a = "first ", b, c = "second";
  const std::span<const std::byte> pieces[] = {
      std::as_bytes(std::span(a)), std::as_bytes(std::span(b)), std::as_bytes(std::span(c))};
  WriteDurably(path_, pieces);
  EXPECT_EQ(ReadTextFile(path_), "first second");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(DurableFile, WriteReplacesNothing) {
  WriteDurably(path_, "old");
  ExpectError(ExitCode::kCannotCreate, path_ + ": File exists",
              [&] { WriteDurably(path_, "new"); });
  EXPECT_EQ(ReadTextFile(path_), "old");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(DurableFile, ReplaceReplaces) {
  ReplaceDurably(path_, "old");
  ReplaceDurably(path_, "new");
  EXPECT_EQ(ReadTextFile(path_), "new");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(DurableFile, AFullDiskLeavesTheOldFileAndNoTemporary) {
  WriteDurably(path_, "old");
  {
    const FileSizeLimit limit(4096);
    ExpectError(ExitCode::kIo, "File too large",
                [&] { ReplaceDurably(path_, std::string(10000, 'x')); });
    ExpectError(ExitCode::kIo, "File too large",
                [&] { WriteDurably(folder_ / "other", std::string(10000, 'x')); });
  }
  EXPECT_EQ(ReadTextFile(path_), "old");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(DurableFile, AMissingFolderIsNamedWithTheReason) {
  ExpectError(ExitCode::kCannotCreate, "No such file or directory",
              [&] { WriteDurably(folder_ / "missing/file", "x"); });
}

TEST_F(DurableFile, PublishGivesTheFinalName) {
  Spill(folder_ / ".tmp-1", "text");
  PublishFile(folder_ / ".tmp-1", path_);
  EXPECT_EQ(ReadTextFile(path_), "text");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(DurableFile, PublishReplacesNothing) {
  Spill(folder_ / ".tmp-1", "new");
  Spill(path_, "old");
  ExpectError(ExitCode::kCannotCreate, "File exists",
              [&] { PublishFile(folder_ / ".tmp-1", path_); });
  EXPECT_EQ(ReadTextFile(path_), "old");
}

TEST_F(DurableFile, MakeFolderMakesThoseAboveAndAcceptsAnExistingOne) {
  MakeFolder(folder_ / "a/b/c");
  MakeFolder(folder_ / "a/b/c");
  MakeFolder(folder_ / "a/b/d/");
  EXPECT_TRUE(fs::is_directory(folder_ / "a/b/c"));
  EXPECT_TRUE(fs::is_directory(folder_ / "a/b/d"));
}

TEST_F(DurableFile, MakeFolderSaysWhenAFileIsInTheWay) {
  Spill(path_, "x");
  ExpectError(ExitCode::kCannotCreate, path_, [&] { MakeFolder(path_); });
  ExpectError(ExitCode::kCannotCreate, "Not a directory", [&] { MakeFolder(path_ + "/below"); });
}

TEST_F(DurableFile, ReadingSaysWhatIsMissingOrNoFile) {
  ExpectError(ExitCode::kMissingInput, path_ + ": No such file", [&] { ReadBytes(path_); });
  ExpectError(ExitCode::kBadData, "no regular file", [&] { ReadBytes(folder_.path()); });
}

TEST_F(DurableFile, ReadingAFifoDoesNotWaitForAWriter) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  ExpectError(ExitCode::kBadData, "no regular file", [&] { ReadBytes(path_); });
}

TEST_F(DurableFile, AnEmptyFileIsEmpty) {
  WriteDurably(path_, "");
  EXPECT_TRUE(ReadBytes(path_).empty());
}

}  // namespace
}  // namespace lockstep
