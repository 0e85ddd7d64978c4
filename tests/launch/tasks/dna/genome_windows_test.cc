#include "launch/tasks/dna/genome_windows.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class GenomeWindowsTest : public testing::Test {
 protected:
  GenomeWindowsTest() { Spill(fasta_, ">one\nACGTA\n>two\nGGN\n"); }
  // "record start BASES bin" of each window.
  std::vector<std::string> Windows(const std::vector<std::uint8_t>& gc_bins) {
    GenomeWindows windows(fasta_, 4, 1, gc_bins);
    std::vector<std::string> found;
    for (const GenomeWindow& window : windows.Next(100)) {
      std::string bases;
      for (const std::uint8_t code : window.codes) bases += kDnaLetters[code];
      found.push_back(
          fmt::format("{} {} {} {}", window.record_name, window.start, bases, window.gc_bin));
    }
    return found;
  }

  TempFolder folder_;
  std::string fasta_ = folder_ / "g.fa";
};

TEST_F(GenomeWindowsTest, HavePlainBasesAndTheGcBinOfTheirRecord) {
  EXPECT_EQ(Windows({1, 3}), (std::vector<std::string>{"one 0 ACG 1", "one 1 CGTA 1", "one 3 TA 1",
                                                       "two 0 GGN 3", "two 1 GN 3"}));
  EXPECT_EQ(Windows({})[3], "two 0 GGN 0");
}

TEST_F(GenomeWindowsTest, AFileThatHasGrownSinceItsBinsWereCountedIsRefused) {
  ExpectError(ExitCode::kBadData, fasta_ + ": changed while it was read", [&] { Windows({1}); });
}

TEST_F(GenomeWindowsTest, TwoRecordsOfOneNameAreRefused) {
  Spill(fasta_, ">one\nACGTA\n>two\nGG\n>one other text\nAC\n");
  ExpectError(ExitCode::kBadData, fasta_ + ":5: record \"one\" is there twice; names must differ",
              [&] { Windows({}); });
}

}  // namespace
}  // namespace lockstep
