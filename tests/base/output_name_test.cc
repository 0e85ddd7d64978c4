#include "base/output_name.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(IsTaken, FilesFoldersAndLinksAre) {
  const TempFolder folder;
  std::ofstream(folder.path() + "/file") << "x";
  std::filesystem::create_symlink("nowhere", folder.path() + "/link");
  EXPECT_TRUE(IsTaken(folder.path()));
  EXPECT_TRUE(IsTaken(folder.path() + "/file"));
  EXPECT_TRUE(IsTaken(folder.path() + "/link"));
  EXPECT_FALSE(IsTaken(folder.path() + "/none"));
  EXPECT_FALSE(IsTaken(folder.path() + "/none/below"));
  EXPECT_FALSE(IsTaken(folder.path() + "/file/below"));
}

TEST(IsTaken, NamesThatNothingCanHaveAreNoMissingInput) {
  const TempFolder folder;
  std::filesystem::create_symlink("circle", folder.path() + "/circle");
  for (const std::string& name : {std::string(300, 'n'), std::string("circle/below")}) {
    ExpectError(ExitCode::kCannotCreate, "cannot create",
                [&] { IsTaken(folder.path() + "/" + name); });
  }
}

}  // namespace
}  // namespace lockstep
