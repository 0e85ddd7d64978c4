// Which columns of a table are what: the user's names resolved against the header.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/text_decoder.h"
#include "data/arrays/array_sequence.h"

namespace lockstep {

struct ArrayTableOptions {
  // A single character, or "comma", "semicolon", "tab", "bar"; empty: recognised from the header.
  std::string delimiter = {};
  std::string encoding = kUtf8;  // a name that `iconv -l` knows
  // The first row names the columns; else it is data, and the columns are called 1, 2, ...
  bool has_header = true;
  // Names the sequence that a row belongs to; rows of one sequence follow each other. Empty: each
  // row is a sequence of one step, unless file_per_sequence is set.
  std::string sequence_column = {};
  // Numbers, or dates in a form whose text sorts by time (ISO 8601); rises within a sequence.
  std::string time_column = {};
  std::string split_column = {};  // holds train, valid or test
  // Empty: all that no other option names and that hold numbers.
  std::vector<std::string> input_columns = {};
  std::vector<std::string> static_columns = {};  // inputs that are constant within a sequence
  std::vector<std::string> target_columns = {};
  bool file_per_sequence = false;  // each file is one sequence, called as the file
  bool of_model = false;  // the columns are those that a model was trained on; for messages
};

// Places of the columns in a row.
struct ArrayTableLayout {
  std::size_t width = 0;
  std::vector<std::size_t> inputs = {}, statics = {}, targets = {};
  std::optional<std::size_t> sequence = {}, time = {}, split = {};
  ArrayColumns columns = {};
};

// UsageError that lists every contradiction in the options themselves: a column with two uses, two
// ways to name sequences, a delimiter that is none.
void CheckArrayTableOptions(const ArrayTableOptions& options);
// The delimiter that is given, or that the file shows.
char DelimiterOf(const ArrayTableOptions& options, const std::string& path);

// BadData where the header is missing or names two columns alike, UsageError where a column that is
// asked for does not exist, with the closest name there is. `place` is "file:line". Without
// input_columns the columns of `text_columns` are left out.
ArrayTableLayout ResolveArrayTable(const std::vector<std::string>& header,
                                   const ArrayTableOptions& options,
                                   const std::vector<std::string>& text_columns,
                                   const std::string& place);

// What the columns of a table are called whose first row this is.
std::vector<std::string> NamesOfColumns(const std::vector<std::string_view>& first_row,
                                        const ArrayTableOptions& options);

// The columns that hold a text and no number in their first kRowsToRecognise rows.
inline constexpr Index kRowsToRecognise = 1000;
std::vector<std::string> FindTextColumns(const std::string& path, const ArrayTableOptions& options);

}  // namespace lockstep
