#include "data/protein/residue_columns.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class ResidueColumnsTest : public testing::Test {
 protected:
  // "residues labels line", a text per chain.
  std::vector<std::string> Read(const std::string& text) {
    Spill(folder_ / "f", text);
    ResidueColumns columns(folder_ / "f");
    std::vector<std::string> found;
    for (ColumnChain chain; columns.Next(&chain);)
      found.push_back(fmt::format("{} {} {}", chain.residues, chain.labels, chain.line));
    return found;
  }
  using Chains = std::vector<std::string>;
  TempFolder folder_;
};

TEST_F(ResidueColumnsTest, ChainsLieBetweenMarks) {
  EXPECT_EQ(Read("# of 1988\n\n<>\nG _\nV h\nend\n<>\nT e\n<end>\n"), (Chains{"GV _h 4", "T e 8"}));
}

TEST_F(ResidueColumnsTest, EitherMarkMayBeMissing) {
  EXPECT_EQ(Read("<>\nG _\n<>\nT e\nend\nA h\nend\n\n"), (Chains{"G _ 2", "T e 4", "A h 6"}));
  EXPECT_EQ(Read("G\t_"), (Chains{"G _ 1"}));
  EXPECT_EQ(Read("<>\n<>\nend\nG _\r\n<>\n"), (Chains{"G _ 4"}));
}

TEST_F(ResidueColumnsTest, OtherLinesAreRefused) {
  const auto refused = [&](const std::string& text, const std::string& message) {
    ExpectError(ExitCode::kBadData, folder_ / "f" + message, [&] { Read(text); });
  };
  refused("<>\nG _\nGV _h\n", ":3: \"GV _h\" is neither a residue");
  refused("<>\nG\n", ":2: \"G\" is neither a residue");
  refused("<>\nG h h\n", ":2: \"G h h\" is neither a residue");
  refused("<>\nend\n", ": holds no residue");
  refused("", ": holds no residue");
}

}  // namespace
}  // namespace lockstep
