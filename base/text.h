// Small functions on text, shared by readers of lines and columns.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace lockstep {

// `text` without blanks, tabs and carriage returns at its ends.
std::string_view Trim(std::string_view text);
// Removes the first word of `text` and returns it: all that comes before the first blank or tab.
// Also removes the blanks and tabs after it.
std::string_view TakeWord(std::string_view* text);

// The text with <U+001B> in place of each control character but line feeds and tabs: names that a
// file holds could else move the cursor of a terminal, or colour it.
std::string WithoutControls(std::string_view text);

// Sets `number` to the number that is the whole of `text`, in decimal and without a plus sign.
// Returns false if the text is anything else or does not fit; `number` may then be changed.
template <typename Number>
bool ReadNumber(std::string_view text, Number* number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && rest == end;
}

}  // namespace lockstep
