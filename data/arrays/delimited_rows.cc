#include "data/arrays/delimited_rows.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

constexpr std::string_view kDelimiters = ",;\t|";

std::string_view DelimiterName(char delimiter) {
  switch (delimiter) {
    case ',':
      return "comma";
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
  }
  return "bar";
}

Index CountOutsideQuotes(std::string_view line, char wanted) {
  bool quoted = false;
  Index count = 0;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == wanted && !quoted) ++count;
  }
  return count;
}

}  // namespace

char DetectDelimiter(const std::string& path, const std::string& encoding) {
  LineReader lines(path, encoding);
  std::string_view line;
  while (lines.Next(&line) && Trim(line).empty()) {
  }
  char best = ',';
  char rival = 0;
  Index most = 0;
  for (const char delimiter : kDelimiters) {
    const Index count = CountOutsideQuotes(line, delimiter);
    if (count == most && count > 0) rival = delimiter;
    if (count <= most) continue;
    most = count;
    best = delimiter;
    rival = 0;
  }
  if (rival == 0) return best;
  throw UsageError(
      "{}:{}: cannot tell what separates the columns: the header has {} of each, {} and {}; give "
      "--delimiter {} or --delimiter {}",
      path, lines.line_number(), most, DelimiterName(best), DelimiterName(rival),
      DelimiterName(best), DelimiterName(rival));
}

bool DelimitedRows::Next(std::vector<std::string_view>* cells) {
  cells->clear();
  row_.clear();
  ends_.clear();
  line_ = lines_.line_number() + 1;  // where the next line itself is bad
  do {
    if (!lines_.Next(&rest_)) return false;
    line_ = lines_.line_number();
    // A line of delimiters alone is no blank line, also where the delimiter is a tab.
  } while (rest_.find_first_not_of(' ') == rest_.npos);
  TakeCells();
  for (std::size_t c = 0, begin = 0; c < ends_.size(); begin = ends_[c++]) {
    cells->push_back(std::string_view(row_).substr(begin, ends_[c] - begin));
  }
  return true;
}

void DelimitedRows::TakeCells() {
  do {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    rest_.starts_with('"') ? TakeQuotedCell() : TakePlainCell();
    ends_.push_back(row_.size());
  } while (TakeDelimiter());
}

bool DelimitedRows::TakeDelimiter() {
  if (rest_.empty()) return false;
  rest_.remove_prefix(1);
  return true;
}

void DelimitedRows::TakePlainCell() {
  const std::size_t end = std::min(rest_.find(delimiter_), rest_.size());
  row_.append(Trim(rest_.substr(0, end)));
  rest_.remove_prefix(end);
}

void DelimitedRows::TakeQuotedCell() {
  const Index opened = lines_.line_number();
  rest_.remove_prefix(1);
  for (bool closed = false; !closed;) {
    const std::size_t quote = std::min(rest_.find('"'), rest_.size());
    row_.append(rest_.substr(0, quote));
    rest_.remove_prefix(quote);
    if (rest_.starts_with("\"\"")) {
      row_ += '"';
      rest_.remove_prefix(2);
    } else if (!rest_.empty()) {
      rest_.remove_prefix(1);
      closed = true;
    } else {
      if (row_.size() > kLongestRow || !lines_.Next(&rest_)) FailUnclosed(opened);
      row_ += '\n';
    }
  }
  rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
  if (rest_.empty() || rest_.front() == delimiter_) return;
  throw BadData(
      "{}:{}: cell {} of the row has text after its closing quote; write a quote that belongs to "
      "the text twice (\"\"), or name the right --delimiter",
      path(), lines_.line_number(), ends_.size() + 1);
}

void DelimitedRows::FailUnclosed(Index opened) const {
  throw BadData(
      "{}:{}: the quote that opens cell {} here is not closed within {}; close it, or write a "
      "quote that belongs to the text twice inside a quoted cell",
      path(), opened, ends_.size() + 1,
      row_.size() > kLongestRow ? fmt::format("{} bytes", kLongestRow) : "the file");
}

}  // namespace lockstep
