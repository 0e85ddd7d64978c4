#include "launch/output/part_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

class PartFileTest : public testing::Test {
 protected:
  int FileCount() {
    return static_cast<int>(std::distance(fs::directory_iterator(folder_.path()), {}));
  }

  TempFolder folder_;
  std::string path_ = folder_ / "words.ctm", victim_ = folder_ / "victim";
};

TEST_F(PartFileTest, IsThereWholeOrNotAtAll) {
  {
    PartFile part(path_);
    Spill(part.temporary_path(), "half");
    EXPECT_FALSE(fs::exists(path_));
  }
  EXPECT_EQ(FileCount(), 0);
  PartFile part(path_);
  Spill(part.temporary_path(), "whole");
  part.Publish();
  EXPECT_EQ(Slurp(path_), "whole");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(PartFileTest, LinksThatLieUnderAGuessedNameAreNotWrittenThrough) {
  Spill(victim_, "mine");
  for (const std::string number : {"", "-0", "-1"}) {
    fs::create_symlink(victim_, folder_ / fmt::format(".tmp-{}{}-words.ctm", ::getpid(), number));
  }
  PartFile part(path_);
  EXPECT_EQ(fs::symlink_status(part.temporary_path()).type(), fs::file_type::regular);
  Spill(part.temporary_path(), "text");
  part.Publish();
  EXPECT_EQ(Slurp(victim_), "mine");
  EXPECT_EQ(Slurp(path_), "text");
}

TEST_F(PartFileTest, ALinkInThePlaceOfTheOutputIsNotReplaced) {
  fs::create_symlink(victim_, path_);
  ExpectError(ExitCode::kCannotCreate, "words.ctm: it exists; delete it or give another name",
              [&] { PartFile part(path_); });
  EXPECT_FALSE(fs::exists(victim_));
}

}  // namespace
}  // namespace lockstep
