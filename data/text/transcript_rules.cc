#include "data/text/transcript_rules.h"

#include <algorithm>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "base/utf8.h"
#include "data/text/text_rules.h"

namespace lockstep {
namespace {

constexpr char32_t kNonJoiner = 0x200C;
constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kReplacement = 0xFFFD;  // what a wrong conversion leaves

// Signs of the category "format" that are seen: they stand before numbers, or above letters.
bool IsSeenFormat(char32_t code) {
  return (code >= 0x600 && code <= 0x605) || code == 0x6DD || code == 0x70F || code == 0x890 ||
         code == 0x891 || code == 0x8E2 || code == 0x110BD || code == 0x110CD;
}

bool IsDropped(char32_t code) {
  if (code < 0x20 || code == 0x7F) return true;  // white space was looked for before
  if (code < 0x80 || code == kJoiner || code == kNonJoiner) return false;
  return IsControlOrFormat(code) && !IsSeenFormat(code);
}

char32_t InCase(char32_t code, LetterCase letter_case) {
  if (letter_case == LetterCase::kLower) return ToLower(code);
  return letter_case == LetterCase::kUpper ? ToUpper(code) : code;
}

std::string Counts(const std::map<char32_t, Index>& signs) {
  std::vector<std::string> told;
  told.reserve(signs.size());
  for (const auto& [code, count] : signs) {
    told.push_back(
        fmt::format("{} ({} time{})", CodePointName(code), count, count == 1 ? "" : "s"));
  }
  return fmt::format("{}", fmt::join(told, ", "));
}

}  // namespace

std::string NormaliseTranscript(std::string_view text, LetterCase letter_case,
                                TranscriptChanges* changes) {
  TranscriptChanges unwanted;
  if (changes == nullptr) changes = &unwanted;
  std::string result;
  bool blank = false;
  while (!text.empty()) {
    const std::string_view point = TakeCodePoint(&text);
    const char32_t code = DecodeCodePoint(point);
    if (IsWhiteSpace(code)) {
      blank = !result.empty();
      continue;
    }
    if (IsDropped(code)) {
      ++changes->dropped[code];
      continue;
    }
    if (code == kJoiner || code == kNonJoiner || code == kReplacement) ++changes->remarkable[code];
    if (std::exchange(blank, false)) result += ' ';
    if (letter_case == LetterCase::kAsWritten) {
      result += point;
    } else {
      result += EncodeCodePoint(InCase(code, letter_case));
    }
  }
  bool composed = false;
  result = ApplyRules({.compose = true, .lower_case = false}, result, &composed);
  changes->composed += composed ? 1 : 0;
  return result;
}

std::vector<std::string> TranscriptChanges::Warnings() const {
  std::vector<std::string> sentences;
  if (!dropped.empty()) {
    sentences.push_back(
        fmt::format("signs that cannot be seen were left out of transcripts, first in {}: {}",
                    first_dropped, Counts(dropped)));
  }
  for (const auto& [code, count] : remarkable) {
    const char* what = code == kReplacement
                           ? "it stands for text that an earlier conversion has lost"
                           : "it cannot be seen, and is kept as a sign of its own";
    sentences.push_back(
        fmt::format("transcripts hold {} {} times: {}", CodePointName(code), count, what));
  }
  return sentences;
}

std::vector<std::string> TranscriptChanges::Notes() const {
  if (composed == 0) return {};
  return {
      fmt::format("{} transcript{} with letters and accents as separate signs: they are composed "
                  "(Unicode NFC)",
                  composed, composed == 1 ? "" : "s")};
}

std::string LetterCaseName(LetterCase letter_case) {
  if (letter_case == LetterCase::kLower) return "lower";
  return letter_case == LetterCase::kUpper ? "upper" : "as-written";
}

}  // namespace lockstep
