#include "data/translation/pair_reader.h"

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class PairReaderTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) {
    Spill(folder_ / name, bytes);
    return folder_ / name;
  }
  // "line: source = target" of each pair.
  std::vector<std::string> Read(const std::string& source, const std::string& target) {
    PairReader reader({DataSplit::kTrain, source, target}, options_);
    std::vector<std::string> pairs;
    for (TextPair pair; reader.Next(&pair);)
      pairs.push_back(std::to_string(pair.line) + ": " + pair.source + " = " + pair.target);
    return pairs;
  }

  TempFolder folder_;
  TranslationOptions options_;
};

TEST_F(PairReaderTest, LinesOfTwoFilesArePairs) {
  EXPECT_THAT(Read(Write("a", "one\r\ntwo\n\n"), Write("b", "eins\nzwei\n\n")),
              ElementsAre("1: one = eins", "2: two = zwei", "3:  = "));
}

TEST_F(PairReaderTest, FilesMayBePackedByGzip) {
  EXPECT_THAT(Read(Write("a.gz", GzipBytes("one\n")), Write("b", "eins")),
              ElementsAre("1: one = eins"));
}

TEST_F(PairReaderTest, ATableHasAPairPerLine) {
  options_.source_column = 3;
  options_.target_column = 1;
  EXPECT_THAT(Read(Write("t", "eins\tx\tone\nzwei\ty\ttwo\tmore\n"), ""),
              ElementsAre("1: one = eins", "2: two = zwei"));
}

TEST_F(PairReaderTest, DifferentNumbersOfLinesAreRefusedWithBothFiles) {
  const std::string a = Write("a", "one\ntwo\nthree\n"), b = Write("b", "eins\n");
  ExpectError(ExitCode::kBadData, a + " has 3 lines, " + b + " has 1;", [&] { Read(a, b); });
  ExpectError(ExitCode::kBadData, b + " has 1 lines, " + a + " has 3;", [&] { Read(b, a); });
}

TEST_F(PairReaderTest, ALineWithTooFewColumnsIsNamed) {
  const std::string table = Write("t", "a\tb\nc\n");
  ExpectError(ExitCode::kBadData, table + ":2: the line has 1 columns", [&] { Read(table, ""); });
}

TEST_F(PairReaderTest, TextThatIsNoUtf8IsNamedWithLineAndByte) {
  const std::string a = Write("a", "one\ntwo\n"), b = Write("b", "eins\nzw\xFC\n");
  ExpectError(ExitCode::kBadData, b + ":2", [&] { Read(a, b); });
  ExpectError(ExitCode::kBadData, "0xfc", [&] { Read(a, b); });
}

TEST_F(PairReaderTest, AMissingFileIsNamed) {
  ExpectError(ExitCode::kMissingInput, folder_ / "none",
              [&] { Read(Write("a", "x"), folder_ / "none"); });
}

}  // namespace
}  // namespace lockstep
