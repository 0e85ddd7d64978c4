// What a code point of Unicode is, and how texts are shown in messages: whatever a file holds, a
// message shows only signs that can be seen.
#pragma once

#include <string>
#include <string_view>

#include "base/types.h"

namespace lockstep {

// True for white space of Unicode: blank, tab, line ends, the no-break space, the wide space of
// CJK.
bool IsWhiteSpace(char32_t code);
// True if the code point shows neither ink nor space: control characters other than tab and line
// ends, zero-width and direction marks, and code points that Unicode has not assigned.
bool IsInvisible(char32_t code);
// Control and format characters (general categories Cc and Cf), of which nothing is ever seen.
bool IsControlOrFormat(char32_t code);
// True if the text contains an invisible code point; sets `first` to the first one.
bool HasInvisible(std::string_view text, char32_t* first);
// Punctuation and signs of Unicode (general categories P and S).
bool IsPunctuation(char32_t code);
// Those of them that are no punctuation (general category S): currency, arithmetic, emoji.
bool IsSymbol(char32_t code);
// Digits and other numbers of any script (general category N).
bool IsNumber(char32_t code);
// Letters, the marks on them, and digits (general categories L, M and N).
bool IsAlphanumeric(char32_t code);

// "U+200B".
std::string CodePointName(char32_t code);
// The text in double quotes, for a message. Invisible code points are shown as <U+200B>, bytes that
// are not UTF-8 as <0xE9>, and after `most` code points three dots replace the rest.
std::string Printable(std::string_view text, Index most = 60);

}  // namespace lockstep
