#include "data/text/table_columns.h"

#include <algorithm>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

using Row = std::vector<std::string>;

constexpr const char* kRemedy =
    "give --text-column and --label-column, by name or by number from 1";

std::string ColumnList(const Row& row) {
  std::vector<std::string> shown;
  for (std::size_t c = 0; c < row.size() && c < 20; ++c) shown.push_back(Printable(row[c], 30));
  return fmt::format("{}", fmt::join(shown, ", "));
}

// The columns whose cell in the first row is a usual name.
std::vector<std::size_t> UsualColumns(const Row& row, bool (*is_usual)(std::string_view)) {
  std::vector<std::size_t> found;
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (is_usual(row[c])) found.push_back(c);
  }
  return found;
}

// Chooses the columns of one table.
class Chooser {
 public:
  Chooser(const std::vector<Row>& rows, const LabelledLinesOptions& options,
          const std::string& path)
      : rows_(rows), options_(options), path_(path) {}

  TableColumns Choose() const;

 private:
  bool HasHeader() const;
  void ChooseByHeader(TableColumns* columns) const;
  void ChooseByCells(TableColumns* columns) const;
  // The column that the option names; the table must have it.
  std::size_t Named(const char* option, const std::string& value, bool header) const;
  std::size_t ByUsualName(const char* what, bool (*is_usual)(std::string_view),
                          const std::string& names) const;
  bool AnyBlank(std::size_t column) const;
  InputError Doubt(const std::string& found) const {
    return UsageError("{}: {}; {}", path_, found, kRemedy);
  }

  const std::vector<Row>& rows_;
  const LabelledLinesOptions& options_;
  const std::string& path_;
};

TableColumns Chooser::Choose() const {
  TableColumns columns{.header = HasHeader(), .count = rows_.front().size()};
  columns.header ? ChooseByHeader(&columns) : ChooseByCells(&columns);
  if (columns.text == columns.label) {
    throw Doubt(fmt::format("column {} would be both text and label", columns.text + 1));
  }
  return columns;
}

bool Chooser::HasHeader() const {
  if (options_.header != "auto") return options_.header == "yes";
  for (const std::string& column : {options_.text_column, options_.label_column}) {
    if (!column.empty() && ColumnNumber(column) == 0) return true;
  }
  const bool text = !UsualColumns(rows_.front(), IsUsualTextName).empty();
  const bool label = !UsualColumns(rows_.front(), IsUsualLabelName).empty();
  const bool both_named = !options_.text_column.empty() && !options_.label_column.empty();
  if (text != label && !both_named) {
    throw Doubt(fmt::format(
        "the first row ({}) looks like a header, but only {} column of it has a usual name (for "
        "texts {}; for labels {}); if it is a sample, give --header no",
        ColumnList(rows_.front()), text ? "the text" : "the label", UsualTextNames(),
        UsualLabelNames()));
  }
  return text && label;
}

void Chooser::ChooseByHeader(TableColumns* columns) const {
  columns->text = options_.text_column.empty()
                      ? ByUsualName("texts", IsUsualTextName, UsualTextNames())
                      : Named("text-column", options_.text_column, true);
  columns->label = options_.label_column.empty()
                       ? ByUsualName("labels", IsUsualLabelName, UsualLabelNames())
                       : Named("label-column", options_.label_column, true);
}

void Chooser::ChooseByCells(TableColumns* columns) const {
  const bool has_text = !options_.text_column.empty();
  const bool has_label = !options_.label_column.empty();
  if (has_text) columns->text = Named("text-column", options_.text_column, false);
  if (has_label) columns->label = Named("label-column", options_.label_column, false);
  if (has_text && has_label) return;
  if (columns->count != 2) {
    throw Doubt(fmt::format("the table has no header and {} columns (the first row is {})",
                            columns->count, ColumnList(rows_.front())));
  }
  if (has_text) columns->label = 1 - columns->text;
  if (has_label) columns->text = 1 - columns->label;
  if (has_text || has_label) return;
  if (AnyBlank(0) == AnyBlank(1)) {
    throw Doubt(fmt::format(
        "cannot tell text from label: {} of the first {} rows holds a blank (the first row is {})",
        AnyBlank(0) ? "a cell of either column" : "no cell", rows_.size(),
        ColumnList(rows_.front())));
  }
  columns->label = AnyBlank(0) ? 1 : 0;
  columns->text = 1 - columns->label;
}

std::size_t Chooser::Named(const char* option, const std::string& value, bool header) const {
  const Row& first = rows_.front();
  if (const std::size_t number = ColumnNumber(value); number != 0) {
    if (number <= first.size()) return number - 1;
    throw UsageError("{}: --{} is {}, but the first row has {} columns: {}", path_, option, number,
                     first.size(), ColumnList(first));
  }
  const auto is_it = [&](const std::string& cell) { return Trim(cell) == value; };
  const auto matches = header ? std::count_if(first.begin(), first.end(), is_it) : 0;
  if (matches == 1) {
    return static_cast<std::size_t>(std::find_if(first.begin(), first.end(), is_it) -
                                    first.begin());
  }
  throw UsageError("{}: --{} is {}, but {}; its columns are: {}", path_, option, Printable(value),
                   !header        ? "the file has no header (--header no)"
                   : matches == 0 ? "the header has no such column"
                                  : "the header has it twice; give the number of the column",
                   ColumnList(first));
}

std::size_t Chooser::ByUsualName(const char* what, bool (*is_usual)(std::string_view),
                                 const std::string& names) const {
  const std::vector<std::size_t> found = UsualColumns(rows_.front(), is_usual);
  if (found.size() == 1) return found.front();
  throw Doubt(fmt::format("the header ({}) has {} columns with a usual name for {} ({}), not one",
                          ColumnList(rows_.front()), found.size(), what, names));
}

bool Chooser::AnyBlank(std::size_t column) const {
  return std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return column < row.size() && Trim(row[column]).find(' ') != std::string_view::npos;
  });
}

}  // namespace

TableColumns ChooseColumns(const std::vector<Row>& rows, const LabelledLinesOptions& options,
                           const std::string& path) {
  if (rows.empty()) throw BadData("{}: holds no row; give a file with samples", path);
  return Chooser(rows, options, path).Choose();
}

std::size_t ColumnNumber(const std::string& text) {
  std::size_t number = 0;
  return ReadNumber(text, &number) ? number : 0;
}

}  // namespace lockstep
