// The formats of labelled texts that the program can read, in one table, and the reader for each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/text/labelled_lines.h"

namespace lockstep {

// "tsv", "csv", "jsonl", "label-first".
std::vector<std::string> LabelledFormatNames();

// The format that the options name, or else the one recognised by the first lines of the file:
//   jsonl        every line begins with "{"
//   tsv          every line has the same number of tabs, one or more
//   label-first  the first word of every line is a whole number, or begins with __label__
//   csv          all rows have the same number of columns, two or more, and a cell is quoted,
//                or the first row has a usual name of a column, or ChooseColumns finds both
// A file that could be both tsv and one of the last two is tsv. UsageError that names the file and
// --format if no format, or more than one, is possible. Blank lines are ignored.
std::string LabelledFormatOf(const std::string& path, const LabelledLinesOptions& options);

// Opens a file; reading takes constant memory. MissingInput if it does not exist, UsageError if its
// format or its columns are in doubt.
std::unique_ptr<LabelledLines> OpenLabelledLines(const LabelledFile& file,
                                                 const LabelledLinesOptions& options);

// UsageError that lists all options with a value that is not allowed.
void CheckLabelledOptions(const LabelledLinesOptions& options);

}  // namespace lockstep
