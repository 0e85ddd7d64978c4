// The rules that are applied to every text before it is divided into tokens, in the importer and in
// predict alike.
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
  // Writes typographic punctuation as ASCII (plain_punctuation.h). For parallel text.
  bool plain_punctuation = false;
  bool operator==(const TextRules&) const = default;
};

// Applies the rules. `text` must be UTF-8. If `composed` is not null, sets it to true if
// composition has changed anything (lower-casing does not count), else to false.
std::string ApplyRules(const TextRules& rules, std::string_view text, bool* composed = nullptr);

}  // namespace lockstep
