#include "base/path_list.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class PathList : public testing::Test {
 protected:
  PathList() {
    for (const char* name : {"b.fa", "a.fa", "c.txt", "x[1].fa"}) Spill(folder_ / name, "x");
  }
  // The names without the folder.
  std::vector<std::string> Expand(const std::vector<std::string>& entries) {
    std::vector<std::string> names;
    for (const std::string& path : ExpandPaths("fasta", entries))
      names.push_back(path.substr(path.rfind('/') + 1));
    return names;
  }
  using Names = std::vector<std::string>;

  TempFolder folder_;
};

TEST_F(PathList, PathsStayAndPatternsAreSorted) {
  EXPECT_EQ(Expand({folder_ / "c.txt", folder_ / "[ab].fa"}), (Names{"c.txt", "a.fa", "b.fa"}));
  EXPECT_EQ(Expand({folder_ / "x[1].fa"}), Names{"x[1].fa"});
  EXPECT_EQ(Expand({"/nowhere/none.fa"}), Names{"none.fa"});
  EXPECT_EQ(Expand({}), Names{});
}

TEST_F(PathList, ListsAreRelativeToTheirFolder) {
  Spill(folder_ / "list", "# genomes\r\n\n b.fa\r\n?.fa\n");
  EXPECT_EQ(Expand({"@" + (folder_ / "list")}), (Names{"b.fa", "a.fa", "b.fa"}));
}

TEST_F(PathList, WhatStandsForNoFileIsNamed) {
  ExpectError(ExitCode::kMissingInput, "--fasta: no file matches the pattern " + (folder_ / "*.gz"),
              [&] { Expand({folder_ / "*.gz"}); });
  Spill(folder_ / "list", "# nothing\n");
  ExpectError(ExitCode::kMissingInput, "list names no file; write one path or pattern in each line",
              [&] { Expand({"@" + (folder_ / "list")}); });
  ExpectError(ExitCode::kMissingInput, "cannot open none", [&] { Expand({"@none"}); });
}

}  // namespace
}  // namespace lockstep
