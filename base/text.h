// Small functions on text, shared by readers of lines and columns.
#pragma once

#include <string_view>

namespace lockstep {

// `text` without blanks, tabs and carriage returns at its ends.
std::string_view Trim(std::string_view text);
// Removes the first word of `text` and returns it: all that comes before the first blank or tab.
// Also removes the blanks and tabs after it.
std::string_view TakeWord(std::string_view* text);

}  // namespace lockstep
