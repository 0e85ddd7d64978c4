// Rows of a table in a text file: columns between tabs, without quoting (tsv), or between commas
// with the quotes of RFC 4180 (csv).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "data/text/text_lines.h"

namespace lockstep {

enum class TableKind { kTsv, kCsv };

class TableReader {
 public:
  // A csv row with a quoted cell may go over several lines; more bytes than this mean that a quote
  // is never closed.
  static constexpr std::size_t kLongestRow = TextLines::kLongestLine;

  TableReader(const std::string& path, const std::string& encoding, TableKind kind)
      : lines_(path, encoding), kind_(kind) {}

  // The next row; false at the end. Blank lines are passed over and counted. BadData names file and
  // line of a quote that is never closed or of text after a closing quote.
  bool Next(std::vector<std::string>* cells);

  // First line of the row that Next gave last.
  Index line() const { return line_; }
  Index blank_lines() const { return blank_lines_; }
  const std::string& path() const { return lines_.path(); }

 private:
  bool NextFilledLine();
  void SplitAtTabs(std::vector<std::string>* cells);
  void SplitAtCommas(std::vector<std::string>* cells);
  std::string TakeQuotedCell();

  TextLines lines_;
  TableKind kind_;
  std::string_view rest_;  // of the line
  Index line_ = 0;
  Index blank_lines_ = 0;
};

}  // namespace lockstep
