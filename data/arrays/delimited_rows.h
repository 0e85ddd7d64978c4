// Rows of cells from a text file: CSV with the quotes of RFC 4180, between any of the delimiters
// that people use. Plain or gzip, streamed in constant memory, without an allocation per cell:
// tables of measurements have many more cells than tables of texts (data/text/table_reader.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/line_reader.h"
#include "base/types.h"

namespace lockstep {

// The delimiter that splits the first line of the file into most cells, of comma, semicolon, tab
// and vertical bar; a comma where none is there. UsageError when two split it into equally many.
char DetectDelimiter(const std::string& path, const std::string& encoding);

class DelimitedRows {
 public:
  // A quoted cell may go over several lines; a longer row means that a quote is never closed.
  static constexpr std::size_t kLongestRow = LineReader::kLongestLine;

  DelimitedRows(const std::string& path, const std::string& encoding, char delimiter)
      : lines_(path, encoding), delimiter_(delimiter) {}

  // The next row, without quotes, valid until the next call; false at the end. Lines of blanks
  // alone are passed over. Cells without quotes lose the white space at their ends. BadData names
  // file and line of a quote that is never closed and of text after a closing quote.
  bool Next(std::vector<std::string_view>* cells);

  // First line of the row that Next gave last, from 1.
  Index line() const { return line_; }
  const std::string& path() const { return lines_.path(); }

 private:
  void TakeCells();
  void TakePlainCell();
  void TakeQuotedCell();
  bool TakeDelimiter();
  [[noreturn]] void FailUnclosed(Index opened) const;

  LineReader lines_;
  char delimiter_;
  std::string_view rest_;          // of the line
  std::string row_;                // the cells one after the other
  std::vector<std::size_t> ends_;  // of each cell, in row_
  Index line_ = 0;
};

}  // namespace lockstep
