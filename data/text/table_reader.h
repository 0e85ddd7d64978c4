// Reads the rows of a table in a text file. Columns are separated by tabs, without quoting (tsv; of
// cells that look quoted, a warning tells), or with the quotes of RFC 4180 by commas (csv),
// semicolons (csv-semicolon), as programs write them where the comma is in numbers, or bars
// (csv-bar). A first line that names the separator, such as "sep=;", is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_reader.h"
#include "base/types.h"

namespace lockstep {

enum class TableKind { kTsv, kCsv, kCsvSemicolon, kCsvBar };
// "tsv", "csv", "csv-semicolon", "csv-bar"; nothing for another name.
std::string TableKindName(TableKind kind);
std::optional<TableKind> TableKindFromName(const std::string& name);
// What separates the columns.
char SeparatorOf(TableKind kind);

// Whether quotation marks enclose a cell. Between tabs, they are part of it.
bool IsQuotedCell(std::string_view cell);
// Says so once, however often the file is read.
void WarnOfQuotedCell(const std::string& path, Index line);

class TableReader {
 public:
  // A csv row with a quoted cell may extend over several lines. If it has more bytes than this, a
  // quote was not closed.
  static constexpr std::size_t kLongestRow = LineReader::kLongestLine;

  TableReader(const std::string& path, const std::string& encoding, TableKind kind)
      : lines_(path, encoding), kind_(kind) {}

  // Sets `cells` to the next row; returns false at the end. Blank lines are skipped and counted.
  // BadData that names file and line if a quote is not closed, or is followed by text.
  bool Next(std::vector<std::string>* cells);

  // The number of the first line of the row that Next returned last.
  Index line() const { return line_; }
  Index blank_lines() const { return blank_lines_; }
  const std::string& path() const { return lines_.path(); }

 private:
  bool NextFilledLine();
  void SplitAtTabs(std::vector<std::string>* cells);
  void SplitQuoted(std::vector<std::string>* cells);
  std::string TakeQuotedCell();

  LineReader lines_;
  TableKind kind_;
  bool told_of_quotes_ = false;
  std::string_view rest_;  // the rest of the current line
  Index line_ = 0;
  Index blank_lines_ = 0;
};

}  // namespace lockstep
