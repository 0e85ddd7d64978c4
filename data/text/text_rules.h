// The rules that are applied to every text before it is divided into tokens, in the importer and in
// predict alike; and functions that show texts in messages.
#pragma once

#include <string>
#include <string_view>

#include "base/types.h"

namespace lockstep {

struct TextRules {
  // Composes characters (Unicode NFC), so that "e" with an acute accent is the same character in
  // whichever form the file has it. On by default, because otherwise two spellings of a word that
  // look the same would be two entries of the vocabulary.
  bool compose = true;
  // Changes to lower case by the simple mapping of Unicode, one code point to one, whatever the
  // locale is.
  bool lower_case = false;
  bool operator==(const TextRules&) const = default;
};

// Applies the rules. `text` must be UTF-8. If `composed` is not null, sets it to true if
// composition has changed anything (lower-casing does not count), else to false.
std::string ApplyRules(const TextRules& rules, std::string_view text, bool* composed = nullptr);

// True for white space of Unicode: blank, tab, line ends, the no-break space, the wide space of
// CJK.
bool IsWhiteSpace(char32_t code);
// True if the code point shows neither ink nor space: control characters other than tab and line
// ends, zero-width and direction marks, and code points that Unicode has not assigned.
bool IsInvisible(char32_t code);
// Control and format characters of Unicode (general categories Cc and Cf).
bool IsControlOrFormat(char32_t code);
// True if the text contains an invisible code point; sets `first` to the first one.
bool HasInvisible(std::string_view text, char32_t* first);
// Punctuation and signs of Unicode (general categories P and S).
bool IsPunctuation(char32_t code);
// Letters, the marks on them, and digits (general categories L, M and N).
bool IsAlphanumeric(char32_t code);

// "U+200B".
std::string CodePointName(char32_t code);
// The text in double quotes, for a message. Invisible code points are shown as <U+200B>, bytes that
// are not UTF-8 as <0xE9>, and after `most` code points three dots replace the rest.
std::string Printable(std::string_view text, Index most = 60);

}  // namespace lockstep
