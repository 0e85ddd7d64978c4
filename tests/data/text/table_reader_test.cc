#include "data/text/table_reader.h"

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

class TableReaderTest : public testing::Test {
 protected:
  Rows Read(TableKind kind, const std::string& bytes) {
    Spill(path_, bytes);
    TableReader reader(path_, "UTF-8", kind);
    Rows rows;
    lines_.clear();
    for (Row cells; reader.Next(&cells);) {
      rows.push_back(cells);
      lines_.push_back(reader.line());
    }
    blank_lines_ = reader.blank_lines();
    return rows;
  }

  TempFolder folder_;
  std::string path_ = folder_ / "table";
  std::vector<Index> lines_;
  Index blank_lines_ = 0;
};

TEST_F(TableReaderTest, TabsSeparateAndQuotesAreOrdinary) {
  EXPECT_EQ(Read(TableKind::kTsv, "a\tb c\n\"x\t\"y\"\n\t\n"),
            (Rows{{"a", "b c"}, {"\"x", "\"y\""}, {"", ""}}));
}

TEST_F(TableReaderTest, CsvQuotesAreThoseOfRfc4180) {
  EXPECT_EQ(Read(TableKind::kCsv, "a,b c\r\n\"x, y\",\"she said \"\"no\"\"\"\n,\n\"\",z\n"),
            (Rows{{"a", "b c"}, {"x, y", "she said \"no\""}, {"", ""}, {"", "z"}}));
  // A quote inside a cell without quotes stands for itself.
  EXPECT_EQ(Read(TableKind::kCsv, "a 5\" disk,1\n"), (Rows{{"a 5\" disk", "1"}}));
}

TEST_F(TableReaderTest, AQuotedCellMayGoOverLines) {
  EXPECT_EQ(Read(TableKind::kCsv, "\"one\r\n\r\ntwo\",1\nx,2\n"),
            (Rows{{"one\n\ntwo", "1"}, {"x", "2"}}));
  EXPECT_EQ(lines_, (std::vector<Index>{1, 4}));
}

TEST_F(TableReaderTest, BlankLinesAreCounted) {
  EXPECT_EQ(Read(TableKind::kCsv, "\na,1\n  \n\nb,2\n\n").size(), 2u);
  EXPECT_EQ(lines_, (std::vector<Index>{2, 5}));
  EXPECT_EQ(blank_lines_, 4);
}

TEST_F(TableReaderTest, AQuoteThatIsNeverClosedIsNamedWhereItOpens) {
  ExpectError(ExitCode::kBadData, "table:2: the quote that opens a csv cell here is not closed",
              [&] { Read(TableKind::kCsv, "a,1\nb,\"2\nc,3\n"); });
  std::string endless = "a,1\n\"";
  for (int i = 0; i < 300000; ++i) endless += "12345\n";
  ExpectError(ExitCode::kBadData,
              "table:2: the quote that opens a csv cell here is not closed "
              "within 1048576 bytes",
              [&] { Read(TableKind::kCsv, endless); });
}

TEST_F(TableReaderTest, TextAfterAClosingQuoteIsRefusedAndReadingGoesOn) {
  Spill(path_, "a,1\n\"b\" c,2\nd,3\n");
  TableReader reader(path_, "UTF-8", TableKind::kCsv);
  Row cells;
  EXPECT_TRUE(reader.Next(&cells));
  ExpectError(ExitCode::kBadData,
              "table:2: column 1 of the csv row has text after its closing quote",
              [&] { reader.Next(&cells); });
  EXPECT_TRUE(reader.Next(&cells));
  EXPECT_EQ(cells, (Row{"d", "3"}));
  EXPECT_FALSE(reader.Next(&cells));
}

}  // namespace
}  // namespace lockstep
