#include "data/arrays/array_table_layout.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "base/closest_name.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "data/arrays/delimited_rows.h"
#include "data/arrays/number_cell.h"

namespace lockstep {
namespace {

struct ColumnUse {
  std::string column;
  const char* option;
};

// Every column that an option names.
std::vector<ColumnUse> UsesOf(const ArrayTableOptions& options) {
  std::vector<ColumnUse> uses;
  const auto add = [&](const std::string& column, const char* option) {
    if (!column.empty()) uses.push_back({column, option});
  };
  add(options.sequence_column, "--sequence-column");
  add(options.time_column, "--time-column");
  add(options.split_column, "--split-column");
  for (const auto& column : options.input_columns) uses.push_back({column, "--input-columns"});
  for (const auto& column : options.static_columns) uses.push_back({column, "--static-columns"});
  for (const auto& column : options.target_columns) uses.push_back({column, "--target-columns"});
  return uses;
}

std::vector<std::string> FindDoubleUses(const ArrayTableOptions& options) {
  std::map<std::string, const char*> first;
  std::vector<std::string> problems;
  for (const ColumnUse& use : UsesOf(options)) {
    const auto [found, is_new] = first.emplace(use.column, use.option);
    if (is_new) continue;
    problems.push_back(fmt::format("column \"{}\" is named by {} and by {}; name it once",
                                   use.column, found->second, use.option));
  }
  return problems;
}

const std::map<std::string, char>& DelimitersByName() {
  static const std::map<std::string, char> names = {
      {"tab", '\t'}, {"comma", ','}, {"semicolon", ';'}, {"bar", '|'}};
  return names;
}

bool IsDelimiter(const std::string& text) {
  if (text.empty() || DelimitersByName().count(text) != 0) return true;
  const auto byte = static_cast<unsigned char>(text[0]);
  return text.size() == 1 && byte < 0x80 && std::isalnum(byte) == 0 &&
         std::string_view("\"\r\n .+-").find(text[0]) == std::string_view::npos;
}

void CheckHeader(const std::vector<std::string>& header, const std::string& place) {
  const bool numbers = std::all_of(header.begin(), header.end(), [](const std::string& cell) {
    return ParseNumberCell(cell).kind == NumberKind::kFinite;
  });
  if (numbers) {
    throw BadData(
        "{}: the first row holds only numbers (\"{}\", ...), but must name the columns; add a "
        "header as the first line, or give --header no, which calls the columns 1, 2, ...",
        place, header[0]);
  }
  std::map<std::string, std::size_t> first;
  for (std::size_t c = 0; c < header.size(); ++c) {
    const auto [found, is_new] = first.emplace(header[c], c);
    if (is_new || header[c].empty()) continue;
    throw BadData("{}: columns {} and {} are both called \"{}\"; rename one of them", place,
                  found->second + 1, c + 1, header[c]);
  }
}

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsUsed(const std::vector<ColumnUse>& uses, const std::string& column) {
  return std::ranges::any_of(uses, [&](const ColumnUse& use) { return use.column == column; });
}

// All columns that no option names and that hold numbers; those with text go to *left_out.
std::vector<std::string> OtherColumns(const std::vector<std::string>& header,
                                      const ArrayTableOptions& options,
                                      const std::vector<std::string>& text_columns,
                                      const std::string& place,
                                      std::vector<std::string>* left_out) {
  const std::vector<ColumnUse> uses = UsesOf(options);
  std::vector<std::string> others;
  for (std::size_t c = 0; c < header.size(); ++c) {
    if (IsUsed(uses, header[c])) continue;
    if (header[c].empty()) {
      throw BadData(
          "{}: column {} has no name, and without --input-columns every column of numbers that no "
          "option names is an input; name it in the file, or give --input-columns",
          place, c + 1);
    }
    (Holds(text_columns, header[c]) ? *left_out : others).push_back(header[c]);
  }
  if (others.empty() && options.static_columns.empty()) {
    throw UsageError("{}: no column of numbers is left for inputs; name some with --input-columns",
                     place);
  }
  return others;
}

}  // namespace

void CheckArrayTableOptions(const ArrayTableOptions& options) {
  std::vector<std::string> problems = FindDoubleUses(options);
  if (!IsDelimiter(options.delimiter)) {
    problems.push_back(fmt::format(
        "--delimiter is \"{}\", allowed: comma, semicolon, tab, bar, or a single sign that is no "
        "letter, digit, quote, blank, point or sign of a number",
        options.delimiter));
  }
  if (options.file_per_sequence && !options.sequence_column.empty()) {
    problems.push_back(
        "--file-per-sequence and --sequence-column both name the sequences; give one of them");
  }
  if (!options.time_column.empty() && !options.file_per_sequence &&
      options.sequence_column.empty()) {
    problems.push_back(
        "--time-column orders the rows of a sequence, but without --sequence-column or "
        "--file-per-sequence each row is a sequence of its own: name the column that tells series "
        "apart (a single series needs one with the same value in each row, and later times in a "
        "file for --valid), or leave --time-column out");
  }
  if (!problems.empty()) throw UsageError("{}", fmt::join(problems, "; "));
}

char DelimiterOf(const ArrayTableOptions& options, const std::string& path) {
  if (options.delimiter.empty()) return DetectDelimiter(path, options.encoding);
  const auto named = DelimitersByName().find(options.delimiter);
  return named != DelimitersByName().end() ? named->second : options.delimiter[0];
}

std::vector<std::string> NamesOfColumns(const std::vector<std::string_view>& first_row,
                                        const ArrayTableOptions& options) {
  std::vector<std::string> names(first_row.begin(), first_row.end());
  for (std::size_t c = 0; c < names.size() && !options.has_header; ++c)
    names[c] = std::to_string(c + 1);
  return names;
}

ArrayTableLayout ResolveArrayTable(const std::vector<std::string>& header,
                                   const ArrayTableOptions& options,
                                   const std::vector<std::string>& text_columns,
                                   const std::string& place) {
  if (options.has_header) CheckHeader(header, place);
  const auto find = [&](const std::string& column, const char* option) {
    const auto found = std::find(header.begin(), header.end(), column);
    if (found == header.end() && options.of_model) {
      throw BadData(
          "{}: the header does not have the column \"{}\" that the model was trained on; {}", place,
          column, SuggestNames(column, header));
    }
    if (found == header.end()) {
      throw UsageError("{}: {} names the column \"{}\", which the header does not have; {}", place,
                       option, column, SuggestNames(column, header));
    }
    return static_cast<std::size_t>(found - header.begin());
  };
  const auto find_optional = [&](const std::string& column, const char* option) {
    return column.empty() ? std::nullopt : std::optional(find(column, option));
  };
  ArrayTableLayout layout;
  layout.width = header.size();
  layout.sequence = find_optional(options.sequence_column, "--sequence-column");
  layout.time = find_optional(options.time_column, "--time-column");
  layout.split = find_optional(options.split_column, "--split-column");
  for (const auto& c : options.static_columns)
    layout.statics.push_back(find(c, "--static-columns"));
  for (const auto& c : options.target_columns)
    layout.targets.push_back(find(c, "--target-columns"));
  ArrayColumns& columns = layout.columns;
  columns.targets = options.target_columns;
  columns.inputs = options.input_columns;
  if (columns.inputs.empty()) {
    columns.inputs = OtherColumns(header, options, text_columns, place, &columns.left_out);
  }
  for (const auto& c : columns.inputs) layout.inputs.push_back(find(c, "--input-columns"));
  columns.inputs.insert(columns.inputs.end(), options.static_columns.begin(),
                        options.static_columns.end());
  return layout;
}

std::vector<std::string> FindTextColumns(const std::string& path,
                                         const ArrayTableOptions& options) {
  DelimitedRows rows(path, options.encoding, DelimiterOf(options, path));
  std::vector<std::string_view> cells;
  if (!rows.Next(&cells)) return {};
  const std::vector<std::string> header = NamesOfColumns(cells, options);
  std::vector<bool> has_number(header.size()), has_text(header.size()), has_words(header.size());
  bool has_row = !options.has_header || rows.Next(&cells);
  for (Index row = 0; row < kRowsToRecognise && has_row; ++row, has_row = rows.Next(&cells)) {
    for (std::size_t c = 0; c < std::min(cells.size(), header.size()); ++c) {
      const NumberKind kind = ParseNumberCell(cells[c]).kind;
      has_text[c] = has_text[c] || kind == NumberKind::kText;
      has_words[c] = has_words[c] || (kind == NumberKind::kText && !HasDecimalComma(cells[c]));
      has_number[c] = has_number[c] || kind == NumberKind::kFinite || kind == NumberKind::kInfinite;
    }
  }
  const std::vector<ColumnUse> uses = UsesOf(options);
  const bool commas_separate = DelimiterOf(options, path) == ',';
  std::vector<std::string> names;
  for (std::size_t c = 0; c < header.size(); ++c) {
    if (!has_text[c]) continue;
    if (!has_words[c] && !commas_separate && !IsUsed(uses, header[c])) {
      throw BadData(
          "{}: the numbers of column \"{}\" have decimal commas; write them with points, such as "
          "by `sed 's/,/./g' {} > FILE` where no other commas are in the file, or name the inputs "
          "without this column by --input-columns",
          path, header[c], ShellQuoted(path));
    }
    if (!has_number[c]) names.push_back(header[c]);
  }
  return names;
}

}  // namespace lockstep
