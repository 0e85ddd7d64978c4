// Texts of data in outputs that consist of lines and columns, and in JSON. The names of classes,
// sequences and utterances come from other people's files, and names of files may be any bytes:
// none of them may begin a line or a column of its own, or move the cursor of a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep {

// The text for one line, or for one column between tabs: each control character, tab and line end
// becomes <U+000A>. All other bytes stay as they are.
std::string CellText(std::string_view text);
std::vector<std::string> CellTexts(const std::vector<std::string>& texts);

// The path of a file or folder for a line that people read: each sign that is not seen (control
// characters, line ends, marks of zero width or of the direction of writing) becomes <U+202E>, and
// a byte that is no UTF-8 <0xE9>.
std::string PathText(std::string_view path);

// The text as one cell of a CSV file: in quotes where it holds what would end it, as RFC 4180 has
// it. Control characters other than tabs and line ends become <U+001B>.
std::string CsvCell(std::string_view text);

// The text for one of several columns between blanks (CTM, TRN): blanks become <U+0020>, too.
std::string WordText(std::string_view text);

}  // namespace lockstep
