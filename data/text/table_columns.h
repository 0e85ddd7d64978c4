// Finds out which columns of a table hold text and label.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/text/labelled_lines.h"

namespace lockstep {

struct TableColumns {
  bool header = false;  // the first row holds the names of the columns and is not a sample
  std::size_t count = 0;
  std::size_t text = 0;
  std::size_t label = 0;
};

// The number of rows of a file that are examined before it is read.
inline constexpr std::size_t kRowsLookedAt = 1000;

// Decides by the first rows of a file, which are in `rows`, and by the options of the user. The
// rules are:
// - The first row is a header if the user names a column by its name, or if one cell is a usual
//   name for texts and another one a usual name for labels.
// - With a header, columns that the user does not name are those with a usual name.
// - Without a header, the table must have two columns, or the user must name both by number. Of two
//   columns, the label is the one in which no cell contains a blank, if the other has blanks.
// UsageError that names the file, what was found and the options to give if these rules do not
// decide.
TableColumns ChooseColumns(const std::vector<std::vector<std::string>>& rows,
                           const LabelledLinesOptions& options, const std::string& path);

// The number, counted from 1, if `text` is a number of a column; 0 if it is a name.
std::size_t ColumnNumber(const std::string& text);

}  // namespace lockstep
