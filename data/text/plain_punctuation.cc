#include "data/text/plain_punctuation.h"

#include <algorithm>
#include <cctype>

#include "base/utf8.h"

namespace lockstep {
namespace {

struct Plain {
  std::u32string_view signs;
  std::string_view ascii;
};

constexpr Plain kPlain[] = {
    {U"\u201C\u201D\u201E\u201F\u00AB\u00BB\u301D\u301E\u2033", "\""},
    {U"`\u00B4\u2018\u2019\u201A\u201B\u2039\u203A\u2032\u02BC", "'"},
    {U"\u2010\u2011\u2012\u2013\u2212", "-"},
    {U"\u2026", "..."},
    {U"\u3001", ","},
    {U"\u3002", "."},
};
constexpr std::u32string_view kLongDashes = U"\u2014\u2015";
constexpr char32_t kFullWidthFirst = 0xFF01, kFullWidthLast = 0xFF5E;  // forms of ! to ~

// The ASCII form of a full-width sign; 0 for letters, digits and all other code points.
char PlainFullWidth(char32_t code) {
  if (code < kFullWidthFirst || code > kFullWidthLast) return 0;
  const auto plain = static_cast<char>(code - kFullWidthFirst + U'!');
  return std::isalnum(static_cast<unsigned char>(plain)) != 0 ? '\0' : plain;
}

void AddPlain(std::string_view sign, std::string* text) {
  const char32_t code = DecodeCodePoint(sign);
  const char32_t full_width = static_cast<unsigned char>(PlainFullWidth(code));
  const char32_t wanted = full_width != 0 ? full_width : code;
  for (const Plain& plain : kPlain) {
    if (plain.signs.find(wanted) == plain.signs.npos) continue;
    *text += plain.ascii;
    return;
  }
  full_width != 0 ? * text += static_cast<char>(full_width) : * text += sign;
}

}  // namespace

std::string PlainPunctuation(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::string_view sign = TakeCodePoint(&text);
    if (kLongDashes.find(DecodeCodePoint(sign)) != kLongDashes.npos) {
      if (!plain.empty() && plain.back() != ' ') plain += ' ';
      plain += '-';
      if (!text.empty() && text.front() != ' ') plain += ' ';
      continue;
    }
    AddPlain(sign, &plain);
    if (plain.ends_with("''")) plain.replace(plain.size() - 2, 2, "\"");
  }
  return plain;
}

}  // namespace lockstep
