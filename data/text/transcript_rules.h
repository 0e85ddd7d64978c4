// The rules that every transcript of speech goes through before it is divided into units.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace lockstep {

enum class LetterCase { kAsWritten, kLower, kUpper };

// What the rules changed in transcripts that a user may not expect, for a report.
struct TranscriptChanges {
  Index composed = 0;                 // transcripts that NFC has changed
  std::map<char32_t, Index> dropped;  // signs that cannot be seen, and how often each stood there
  std::map<char32_t, Index> remarkable;  // signs that are kept, but should be known of
  std::string first_dropped;             // file and line of the first; set by the caller

  // Sentences about the changes: none if nothing was changed.
  std::vector<std::string> Warnings() const;
  std::vector<std::string> Notes() const;
};

// Changes the case of a UTF-8 text, code point by code point; replaces runs of white space of
// Unicode (blanks, tabs, line ends, no-break and wide spaces) by one blank, and removes it at the
// ends; drops control characters and signs of no width; and composes characters (NFC). The joiners
// U+200C and U+200D are kept: Persian and the languages of India are written with them. BadData if
// the text is not UTF-8.
//
// If `changes` is not null, what was changed is added to it.
std::string NormaliseTranscript(std::string_view text, LetterCase letter_case,
                                TranscriptChanges* changes = nullptr);

// "as-written", "lower", "upper".
std::string LetterCaseName(LetterCase letter_case);

}  // namespace lockstep
