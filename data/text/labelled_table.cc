#include "data/text/labelled_table.h"

#include <algorithm>

#include "base/error.h"
#include "data/text/table_columns.h"

namespace lockstep {
namespace {

TableColumns ColumnsOf(const std::string& path, TableKind kind,
                       const LabelledLinesOptions& options) {
  TableRows rows;
  ReadFirstRows(path, kind, options.encoding, kRowsLookedAt, &rows);
  return ChooseColumns(rows, options, path);
}

class LabelledTable : public LabelledLines {
 public:
  LabelledTable(const std::string& path, TableKind kind, const LabelledLinesOptions& options)
      : LabelledLines(path),
        columns_(ColumnsOf(path, kind, options)),
        kind_(kind),
        header_was_asked_(options.header != "auto"),
        reader_(path, options.encoding, kind) {
    if (!columns_.header || !reader_.Next(&cells_)) return;
    header_text_ = cells_[columns_.text];
    header_label_ = cells_[columns_.label];
  }

  Index blank_lines() const override { return reader_.blank_lines() + blank_rows_; }
  std::string Description() const override {
    return fmt::format("{} {} a header, text in column {}, label in column {}",
                       TableKindName(kind_), columns_.header ? "with" : "without",
                       columns_.text + 1, columns_.label + 1);
  }
  bool FirstRowIsAGuess() const override { return !columns_.header && !header_was_asked_; }

 private:
  bool Read(LabelledText* row) override {
    do {
      if (!reader_.Next(&cells_)) return false;
    } while (IsBlankRow() && ++blank_rows_ > 0);
    if (cells_.size() != columns_.count) FailColumns();
    if (columns_.header && cells_[columns_.text] == header_text_ &&
        cells_[columns_.label] == header_label_) {
      throw BadData(
          "{}:{}: the row is the header once more, as in files that were joined with cat: remove "
          "it",
          path(), line());
    }
    row->text = std::move(cells_[columns_.text]);
    row->label = std::move(cells_[columns_.label]);
    return true;
  }
  Index line() const override { return reader_.line(); }

  // Spreadsheets write separators alone for rows that nothing was written into.
  bool IsBlankRow() const {
    return kind_ != TableKind::kTsv &&
           std::ranges::all_of(cells_, [](const std::string& cell) { return cell.empty(); });
  }

  [[noreturn]] void FailColumns() const {
    const bool tsv = kind_ == TableKind::kTsv;
    throw BadData("{}:{}: the row has {} columns, the first row of the file has {}; {}", path(),
                  line(), cells_.size(), columns_.count,
                  tsv ? "a text in a tsv file may hold no tab and no line end, also not between "
                        "quotation marks: replace them by blanks"
                      : "put a text that holds what separates columns, or a quote, into double "
                        "quotes");
  }

  TableColumns columns_;
  TableKind kind_;
  bool header_was_asked_;
  std::string header_text_, header_label_;
  TableReader reader_;
  std::vector<std::string> cells_;
  Index blank_rows_ = 0;
};

}  // namespace

void ReadFirstRows(const std::string& path, TableKind kind, const std::string& encoding,
                   std::size_t most, TableRows* rows) {
  TableReader reader(path, encoding, kind);
  for (std::vector<std::string> cells; rows->size() < most && reader.Next(&cells);)
    rows->push_back(cells);
}

std::unique_ptr<LabelledLines> OpenLabelledTable(const std::string& path, TableKind kind,
                                                 const LabelledLinesOptions& options) {
  return std::make_unique<LabelledTable>(path, kind, options);
}

}  // namespace lockstep
