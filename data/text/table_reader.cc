#include "data/text/table_reader.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/log.h"

namespace lockstep {
namespace {

// Removes and returns the text before the separator; sets *more to true if there was a separator.
std::string_view TakeCell(std::string_view* rest, char separator, bool* more) {
  const std::size_t end = rest->find(separator);
  *more = end != rest->npos;
  const std::string_view cell = rest->substr(0, end);
  rest->remove_prefix(*more ? end + 1 : rest->size());
  return cell;
}

// Spreadsheets write "sep=;" before the rows, and read it.
bool NamesSeparator(std::string_view line, char separator) {
  return line.size() == 5 && line.starts_with("sep=") && line.back() == separator;
}

}  // namespace

constexpr std::tuple<TableKind, const char*, char> kKinds[] = {
    {TableKind::kTsv, "tsv", '\t'},
    {TableKind::kCsv, "csv", ','},
    {TableKind::kCsvSemicolon, "csv-semicolon", ';'},
    {TableKind::kCsvBar, "csv-bar", '|'}};

std::string TableKindName(TableKind kind) {
  return std::get<1>(kKinds[static_cast<std::size_t>(kind)]);
}

std::optional<TableKind> TableKindFromName(const std::string& name) {
  for (const auto& [kind, found, separator] : kKinds)
    if (name == found) return kind;
  return std::nullopt;
}

char SeparatorOf(TableKind kind) { return std::get<2>(kKinds[static_cast<std::size_t>(kind)]); }

bool IsQuotedCell(std::string_view cell) {
  return cell.size() >= 2 && cell.front() == '"' && cell.back() == '"';
}

void WarnOfQuotedCell(const std::string& path, Index line) {
  LogWarningOnce(fmt::format(
      "{}:{}: a cell begins and ends in quotation marks, which are taken as they stand, here and "
      "in "
      "all lines: between tabs, nothing is quoted. If the marks only enclose the cells, write the "
      "file without them (Python: csv.writer(..., delimiter='\\t', quoting=csv.QUOTE_NONE, "
      "quotechar=None))",
      path, line));
}

bool TableReader::Next(std::vector<std::string>* cells) {
  cells->clear();
  line_ = lines_.line_number() + 1;  // for an error in reading the next line
  if (!NextFilledLine()) return false;
  kind_ == TableKind::kTsv ? SplitAtTabs(cells) : SplitQuoted(cells);
  return true;
}

// Goes to the next line that is not blank. A line of tabs only is not blank: it is a row of empty
// cells.
bool TableReader::NextFilledLine() {
  while (lines_.Next(&rest_)) {
    line_ = lines_.line_number();
    if (line_ == 1 && NamesSeparator(rest_, SeparatorOf(kind_))) continue;
    if (rest_.find_first_not_of(' ') != rest_.npos) return true;
    ++blank_lines_;
    ++line_;
  }
  return false;
}

void TableReader::SplitAtTabs(std::vector<std::string>* cells) {
  for (bool more = true; more;) cells->emplace_back(TakeCell(&rest_, '\t', &more));
  if (told_of_quotes_ || std::ranges::none_of(*cells, IsQuotedCell)) return;
  told_of_quotes_ = true;
  WarnOfQuotedCell(path(), line_);
}

void TableReader::SplitQuoted(std::vector<std::string>* cells) {
  const char separator = SeparatorOf(kind_);
  for (bool more = true; more;) {
    if (!rest_.starts_with('"')) {
      cells->emplace_back(TakeCell(&rest_, separator, &more));
      continue;
    }
    cells->push_back(TakeQuotedCell());
    more = rest_.starts_with(separator);
    if (!more && !rest_.empty()) {
      throw BadData(
          "{}:{}: column {} of the csv row has text after its closing quote; inside a quoted cell "
          "write each quote twice (\"\"), or give --format tsv if the columns stand between tabs",
          path(), lines_.line_number(), cells->size());
    }
    if (more) rest_.remove_prefix(1);
  }
}

// Removes the quoted cell at the beginning of rest_ and returns it without its quotes.
std::string TableReader::TakeQuotedCell() {
  const Index opened = lines_.line_number();
  std::string cell;
  rest_.remove_prefix(1);
  while (true) {
    const std::size_t quote = std::min(rest_.find('"'), rest_.size());
    cell.append(rest_.substr(0, quote));
    rest_.remove_prefix(quote);
    if (rest_.starts_with("\"\"")) {
      cell += '"';
      rest_.remove_prefix(2);
    } else if (!rest_.empty()) {
      rest_.remove_prefix(1);
      return cell;
    } else if (cell.size() <= kLongestRow && lines_.Next(&rest_)) {
      cell += '\n';
    } else {
      throw BadData(
          "{}:{}: the quote that opens a csv cell here is not closed within {}; close it, or write "
          "a quote that belongs to the text twice inside a quoted cell",
          path(), opened,
          cell.size() > kLongestRow ? fmt::format("{} bytes", kLongestRow) : "the file");
    }
  }
}

}  // namespace lockstep
