// The formats of labelled texts that the program can read, in one table, and the reader for each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/text/labelled_lines.h"

namespace lockstep {

// "tsv", "csv", "jsonl", "label-first".
std::vector<std::string> LabelledFormatNames();

// The format of a file by its first lines, or the one that the options name. The rule:
//   jsonl        every line begins with "{"
//   tsv          every line has the same number of tabs, one or more
//   label-first  the first word of every line is a whole number, or begins with __label__
//   csv          all rows have the same number of columns, two or more, and a cell is quoted, or
//   the
//                first row has a usual name of a column, or ChooseColumns finds text and label
// UsageError naming the file and --format where no format or more than one is possible; a file that
// is both tsv and one of the last two is tsv. Blank lines are not looked at.
std::string LabelledFormatOf(const std::string& path, const LabelledLinesOptions& options);

// Opens the file: in constant memory, whatever its size. MissingInput when it is not there,
// UsageError when its format or its columns are in doubt.
std::unique_ptr<LabelledLines> OpenLabelledLines(const LabelledFile& file,
                                                 const LabelledLinesOptions& options);

// UsageError that lists all options with a value that is not allowed.
void CheckLabelledOptions(const LabelledLinesOptions& options);

}  // namespace lockstep
