// Rules that every text goes through before it is cut into tokens, in the importer and in predict
// alike, and how texts are shown in messages.
#pragma once

#include <string>
#include <string_view>

#include "base/types.h"

namespace lockstep {

struct TextRules {
  // Composes the characters (Unicode NFC), so that "e" with an acute accent is one word whichever
  // way the file writes it. On, because two spellings of a word that look the same would otherwise
  // be two entries of the vocabulary.
  bool compose = true;
  // Lower case by the simple mapping of Unicode, one code point to one; independent of the locale.
  bool lower_case = false;
  bool operator==(const TextRules&) const = default;
};

// The text by the rules. `text` must be UTF-8. Sets *composed, where it is given, to whether
// composition changed anything (lower-casing does not count).
std::string ApplyRules(const TextRules& rules, std::string_view text, bool* composed = nullptr);

// White space by Unicode: blank, tab, line ends, the no-break space, the wide space of CJK.
bool IsWhiteSpace(char32_t code);
// Whether the code point leaves no ink and no space: control characters other than tab and line
// ends, zero-width and direction marks, and code points that Unicode has not assigned.
bool IsInvisible(char32_t code);
// Whether the text holds an invisible code point; the first of them goes to *first.
bool HasInvisible(std::string_view text, char32_t* first);
// Punctuation and signs of Unicode (general categories P and S).
bool IsPunctuation(char32_t code);
// Letters, the marks on them, and digits (general categories L, M and N).
bool IsAlphanumeric(char32_t code);

// "U+200B".
std::string CodePointName(char32_t code);
// The text in double quotes for a message: invisible code points as U+200B between angle brackets,
// bytes that are no UTF-8 as <0xE9>, and after `most` code points three dots instead of the rest.
std::string Printable(std::string_view text, Index most = 60);

}  // namespace lockstep
