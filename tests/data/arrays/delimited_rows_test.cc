#include "data/arrays/delimited_rows.h"

#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class DelimitedRowsTest : public testing::Test {
 protected:
  // All rows of a file with these bytes.
  std::vector<std::vector<std::string>> Rows(const std::string& bytes, char delimiter = ',') {
    Spill(path_, bytes);
    DelimitedRows rows(path_, kUtf8, delimiter);
    std::vector<std::vector<std::string>> all;
    lines_.clear();
    for (std::vector<std::string_view> cells; rows.Next(&cells);) {
      all.emplace_back(cells.begin(), cells.end());
      lines_.push_back(rows.line());
    }
    return all;
  }
  char Detect(const std::string& bytes) {
    Spill(path_, bytes);
    return DetectDelimiter(path_, kUtf8);
  }

  TempFolder folder_;
  std::string path_ = folder_ / "a.csv";
  std::vector<Index> lines_;
};

TEST_F(DelimitedRowsTest, QuotedCellsMayHoldAnything) {
  EXPECT_THAT(Rows("a,\"b,\"\"c\"\"\",\"d\ne\"\r\n 1 ,, 3\n"),
              ElementsAre(ElementsAre("a", "b,\"c\"", "d\ne"), ElementsAre("1", "", "3")));
  EXPECT_THAT(lines_, ElementsAre(1, 3));
}

TEST_F(DelimitedRowsTest, BlankLinesArePassedOverButEmptyCellsAreNot) {
  EXPECT_THAT(Rows("a\tb\n\n   \n\t\n1\t2", '\t'),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("", ""), ElementsAre("1", "2")));
}

TEST_F(DelimitedRowsTest, GzipIsReadAsPlain) {
  EXPECT_THAT(Rows(GzipBytes("a,b\n1,2\n")),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST_F(DelimitedRowsTest, TheDelimiterIsThatOfTheHeader) {
  EXPECT_EQ(Detect("a;b;c\n1,5;2;3\n"), ';');
  EXPECT_EQ(Detect("a\tb\n"), '\t');
  EXPECT_EQ(Detect("alone\n1\n"), ',');
  ExpectError(ExitCode::kUsage, "give --delimiter", [&] { Detect("a,b;c\n"); });
}

TEST_F(DelimitedRowsTest, BadQuotesAndBytesAreNamedByLine) {
  ExpectError(ExitCode::kBadData, "a.csv:2: the quote that opens cell 1 here is not closed",
              [&] { Rows("a,b\n\"1,2\n3,4\n"); });
  ExpectError(ExitCode::kBadData, "a.csv:2: cell 1 of the row has text after its closing quote",
              [&] { Rows("a,b\n\"1\"x,2\n"); });
  ExpectError(ExitCode::kBadData, "a.csv:2", [&] { Rows("a,b\n1,\xE9\n"); });
}

}  // namespace
}  // namespace lockstep
