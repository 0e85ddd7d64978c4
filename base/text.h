// Small pieces of text: what readers of lines and columns share.
#pragma once

#include <string_view>

namespace lockstep {

// `text` without blanks, tabs and carriage returns at its ends.
std::string_view Trim(std::string_view text);
// Splits off and returns what stands before the first blank or tab of `text`, and skips the blanks
// after it.
std::string_view TakeWord(std::string_view* text);

}  // namespace lockstep
