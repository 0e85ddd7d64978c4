// Sequences from tables (CSV, TSV): consecutive rows with one name, whole files, or single rows.
// Memory: the longest sequence, and the names of the sequences.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/arrays/array_sequence.h"
#include "data/arrays/array_table_layout.h"
#include "data/arrays/delimited_rows.h"
#include "data/arrays/missing_marks.h"
#include "data/arrays/number_cell.h"

namespace lockstep {

class ArrayTableSource : public ArraySource {
 public:
  // `classes` must outlive the source. Files are read in the order given, and must all have the
  // columns that are used in the first.
  ArrayTableSource(std::vector<std::string> files, ArrayTableOptions options, MissingMarks missing,
                   TargetKind target, ClassNames* classes);

  const ArrayColumns& columns() const override { return columns_; }
  bool Next(ArraySequence* sequence) override;

 private:
  struct FirstRow {
    std::size_t file = 0;
    Index line = 0;
  };

  bool OpenNextFile();
  void BeginSequence(ArraySequence* sequence);
  void NameSequence(ArraySequence* sequence);
  bool BelongsTo(const ArraySequence& sequence) const;
  void AddRow(ArraySequence* sequence);
  void CheckTime(const ArraySequence& sequence);
  void CheckSplit(ArraySequence* sequence) const;
  void KeepStatic(std::size_t which, const ArraySequence& sequence);
  void SpreadStatics(ArraySequence* sequence) const;
  void AddTarget(std::size_t column, ArraySequence* sequence) const;
  double Number(std::size_t column) const;
  std::int32_t Label(std::size_t column, const NumberCell& number) const;
  std::string Place() const;

  std::vector<std::string> files_;
  ArrayTableOptions options_;
  MissingMarks missing_;
  TargetKind target_;
  ClassNames* classes_;
  std::multiset<std::string> file_names_;  // without folders and extensions
  std::vector<std::string> text_columns_;  // of the first file
  ArrayTableLayout layout_;
  ArrayColumns columns_;  // of the first file
  std::vector<std::string> header_;
  std::unique_ptr<DelimitedRows> rows_;
  std::size_t next_file_ = 0;
  std::vector<std::string_view> cells_;  // of the row that no sequence has yet
  bool has_row_ = false;
  Index sequences_in_file_ = 0;
  std::vector<double> statics_;  // of the sequence; NaN until a row has the value
  std::string previous_time_;
  std::unordered_map<std::string, FirstRow> first_rows_;  // of every sequence, by its name
};

}  // namespace lockstep
