// Which columns of a table hold text and label.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/text/labelled_lines.h"

namespace lockstep {

struct TableColumns {
  bool header = false;  // the first row names the columns and is no sample
  std::size_t count = 0;
  std::size_t text = 0;
  std::size_t label = 0;
};

// How many rows of a file are looked at before it is read.
inline constexpr std::size_t kRowsLookedAt = 1000;

// Decides by the first rows of a file, which are in `rows`, and by what the user says. The rule:
// - The first row is a header when a column is named by its name, or when one cell of it is a usual
//   name for texts and another one for labels.
// - Under a header columns not named by the user are those with a usual name.
// - Without a header the table must have two columns or the user names both by number. Of two
//   columns the label is the one in which no cell holds a blank, where the other has some.
// UsageError naming the file, what was found and the options to give wherever this leaves a doubt.
TableColumns ChooseColumns(const std::vector<std::vector<std::string>>& rows,
                           const LabelledLinesOptions& options, const std::string& path);

// The whole of `text` as a column number from 1; 0 when it is a name.
std::size_t ColumnNumber(const std::string& text);

}  // namespace lockstep
