#include "data/arrays/array_table_source.h"

#include <cmath>
#include <filesystem>
#include <utility>

#include "base/characters.h"
#include "base/closest_name.h"
#include "base/error.h"

namespace lockstep {
namespace {

// Dates of one length whose text sorts by time: digits first, nothing but what ISO 8601 has.
bool IsSortableDate(std::string_view text) {
  return text.size() >= 4 && text.find_first_not_of("0123456789") >= 4 &&
         text.find_first_not_of("0123456789-:.TZ +/") == text.npos;
}

}  // namespace

ArrayTableSource::ArrayTableSource(std::vector<std::string> files, ArrayTableOptions options,
                                   MissingMarks missing, TargetKind target, ClassNames* classes)
    : files_(std::move(files)),
      options_(std::move(options)),
      missing_(std::move(missing)),
      target_(options_.target_columns.size() > 1 ? TargetKind::kReal : target),
      classes_(classes) {
  CheckArrayTableOptions(options_);
  if (files_.empty())
    throw UsageError("no file is given to read sequences from; name at least one");
  for (const std::string& file : files_)
    file_names_.insert(std::filesystem::path(file).stem().string());
  if (options_.input_columns.empty()) text_columns_ = FindTextColumns(files_[0], options_);
  has_row_ = OpenNextFile();
  columns_ = layout_.columns;
  // Further files must have the same.
  const auto inputs = static_cast<std::ptrdiff_t>(layout_.inputs.size());
  options_.input_columns.assign(columns_.inputs.begin(), columns_.inputs.begin() + inputs);
}

// Opens the next file, reads its header and its first row. False when there is no further file.
bool ArrayTableSource::OpenNextFile() {
  if (next_file_ == files_.size()) return false;
  const std::string& path = files_[next_file_++];
  rows_ = std::make_unique<DelimitedRows>(path, options_.encoding, DelimiterOf(options_, path));
  sequences_in_file_ = 0;
  if (!rows_->Next(&cells_)) {
    throw BadData("{}: the file is empty{}", path,
                  options_.has_header ? "; its first line must name the columns" : "");
  }
  header_ = NamesOfColumns(cells_, options_);
  layout_ = ResolveArrayTable(header_, options_, text_columns_, Place());
  if (options_.has_header && !rows_->Next(&cells_)) {
    throw BadData("{}: the file has a header but no rows; leave the file out or fill it", path);
  }
  return true;
}

bool ArrayTableSource::Next(ArraySequence* sequence) {
  if (!has_row_) return false;
  BeginSequence(sequence);
  do {
    AddRow(sequence);
    has_row_ = rows_->Next(&cells_);
  } while (has_row_ && BelongsTo(*sequence));
  SpreadStatics(sequence);
  if (!has_row_) has_row_ = OpenNextFile();
  return true;
}

void ArrayTableSource::BeginSequence(ArraySequence* sequence) {
  sequence->Clear();
  sequence->file = rows_->path();
  sequence->number = sequences_in_file_++;
  statics_.assign(layout_.statics.size(), std::nan(""));
  NameSequence(sequence);
  if (!layout_.sequence && !options_.file_per_sequence) return;  // lines differ by themselves
  const auto [found, is_new] =
      first_rows_.emplace(sequence->name, FirstRow{next_file_ - 1, rows_->line()});
  if (is_new) return;
  throw BadData(
      "{}: the sequence {} begins again; its rows began in {}:{} and ended before this line; "
      "bring the rows of each sequence together, or give the parts names of their own",
      Place(), Printable(sequence->name), files_[found->second.file], found->second.line);
}

void ArrayTableSource::NameSequence(ArraySequence* sequence) {
  if (options_.file_per_sequence) {
    const std::filesystem::path path = rows_->path();
    const bool is_only_one = file_names_.count(path.stem().string()) == 1;
    sequence->name = (is_only_one ? path.stem() : path).string();
    return;
  }
  if (!layout_.sequence) {
    sequence->name = std::to_string(rows_->line());
    return;
  }
  if (*layout_.sequence >= cells_.size()) return;  // AddRow refuses the row
  sequence->name = cells_[*layout_.sequence];
  if (!sequence->name.empty()) return;
  throw BadData("{}: column \"{}\", which names the sequence, is empty; fill it in", Place(),
                header_[*layout_.sequence]);
}

bool ArrayTableSource::BelongsTo(const ArraySequence& sequence) const {
  if (options_.file_per_sequence) return true;
  return layout_.sequence && *layout_.sequence < cells_.size() &&
         cells_[*layout_.sequence] == sequence.name;
}

void ArrayTableSource::AddRow(ArraySequence* sequence) {
  if (cells_.size() != layout_.width) {
    throw BadData(
        "{}: the row has {} cells, the header {}; put cells that hold the delimiter into double "
        "quotes, and end no row early",
        Place(), cells_.size(), layout_.width);
  }
  sequence->lines.push_back(rows_->line());
  ++sequence->steps;
  CheckTime(*sequence);
  CheckSplit(sequence);
  for (const std::size_t column : layout_.inputs) sequence->inputs.push_back(Number(column));
  for (std::size_t s = 0; s < statics_.size(); ++s) {
    KeepStatic(s, *sequence);
    sequence->inputs.push_back(0);  // SpreadStatics sets it
  }
  for (const std::size_t column : layout_.targets) AddTarget(column, sequence);
  sequence->target_rows = layout_.targets.empty() ? 0 : sequence->steps;
}

// Takes over a value that may stand in any row of the sequence, but must not change.
void ArrayTableSource::KeepStatic(std::size_t which, const ArraySequence& sequence) {
  const std::size_t column = layout_.statics[which];
  const double found = Number(column);
  double& kept = statics_[which];
  if (std::isnan(found) || found == kept) return;
  if (!std::isnan(kept)) {
    throw BadData(
        "{}: column \"{}\" of --static-columns is {} here but had another value earlier in the "
        "sequence, which begins in line {}; it must be the same in all rows of a sequence, or "
        "empty in some; name a column that changes by --input-columns",
        Place(), header_[column], Printable(cells_[column]), sequence.lines[0]);
  }
  kept = found;
}

void ArrayTableSource::SpreadStatics(ArraySequence* sequence) const {
  const std::size_t width = columns_.inputs.size(), first = width - statics_.size();
  for (std::size_t step = 0; step < sequence->lines.size(); ++step) {
    std::copy(statics_.begin(), statics_.end(),
              sequence->inputs.begin() + static_cast<std::ptrdiff_t>(step * width + first));
  }
}

// The target as a number and as a class, as long as it is not known which of them it is.
void ArrayTableSource::AddTarget(std::size_t column, ArraySequence* sequence) const {
  if (target_ == TargetKind::kReal) {
    sequence->targets.push_back(Number(column));
    return;
  }
  NumberCell number;
  if (!missing_.Has(cells_[column])) number = ParseNumberCell(cells_[column]);
  const bool is_number = number.kind == NumberKind::kFinite;
  sequence->targets.push_back(is_number ? number.value : std::nan(""));
  sequence->labels.push_back(Label(column, number));
}

void ArrayTableSource::CheckTime(const ArraySequence& sequence) {
  if (!layout_.time) return;
  const std::string_view time = cells_[*layout_.time];
  const NumberCell number = ParseNumberCell(time);
  const bool is_number = number.kind == NumberKind::kFinite;
  if (!is_number && !IsSortableDate(time)) {
    throw BadData(
        "{}: column \"{}\" is {}, which is neither a number nor a date such as 2024-05-31 or "
        "2024-05-31T12:00; convert it, or give no --time-column",
        Place(), header_[*layout_.time], Printable(time));
  }
  const std::string previous = std::exchange(previous_time_, std::string(time));
  if (sequence.steps == 1) return;
  const NumberCell before = ParseNumberCell(previous);
  const bool rises = is_number ? before.kind == NumberKind::kFinite && before.value < number.value
                               : previous.size() == time.size() && previous < time;
  if (rises) return;
  throw BadData(
      "{}: column \"{}\" must rise from row to row within a sequence, but is {} after {} in line "
      "{}; sort the rows of each sequence by time and remove doubles",
      Place(), header_[*layout_.time], Printable(time), Printable(previous),
      sequence.lines[sequence.lines.size() - 2]);
}

void ArrayTableSource::CheckSplit(ArraySequence* sequence) const {
  if (!layout_.split) return;
  const std::string_view split = cells_[*layout_.split];
  if (sequence->steps == 1) sequence->split = split;
  if (sequence->split == split) return;
  throw BadData(
      "{}: column \"{}\" is {}, but {} in line {}, where the sequence begins; a sequence belongs "
      "to one split as a whole",
      Place(), header_[*layout_.split], Printable(split), Printable(sequence->split),
      sequence->lines[0]);
}

double ArrayTableSource::Number(std::size_t column) const {
  if (missing_.Has(cells_[column])) return std::nan("");
  const NumberCell cell = ParseNumberCell(cells_[column]);
  if (cell.kind == NumberKind::kText) {
    throw BadData(
        "{}: column \"{}\" is {}, which is no number; a number is written with a decimal point, a "
        "missing one as an empty cell or NA, or as --missing says; leave a column of text out of "
        "--input-columns",
        Place(), header_[column], Printable(cells_[column]));
  }
  if (cell.kind == NumberKind::kInfinite) {
    throw BadData(
        "{}: column \"{}\" is {}, which is infinite or out of the range of 64-bit numbers; replace "
        "it, or leave the cell empty for a missing value",
        Place(), header_[column], Printable(cells_[column]));
  }
  return cell.value;
}

std::int32_t ArrayTableSource::Label(std::size_t column, const NumberCell& number) const {
  if (number.kind == NumberKind::kMissing) return kMissingLabel;
  const std::string_view cell = cells_[column];
  const bool is_number = number.kind == NumberKind::kFinite;
  if (is_number && number.value != std::floor(number.value)) {
    if (target_ != TargetKind::kClass) return kMissingLabel;
    throw BadData(
        "{}: column \"{}\" is {}, but a class is a text or a whole number; write the classes so, "
        "or give --target real",
        Place(), header_[column], Printable(cell));
  }
  // pandas writes whole numbers as 1.0 where some are missing.
  const bool has_point = is_number && cell.find('.') != cell.npos;
  const auto id =
      has_point ? classes_->IdOf(fmt::format("{:.0f}", number.value)) : classes_->IdOf(cell);
  if (id) return *id;
  if (!classes_->given()) return kTooManyLabels;
  throw BadData("{}: column \"{}\" is the class {}, which is no class of this corpus; {}", Place(),
                header_[column], Printable(cell), SuggestNames(cell, classes_->names()));
}

std::string ArrayTableSource::Place() const {
  return fmt::format("{}:{}", rows_->path(), rows_->line());
}

}  // namespace lockstep
