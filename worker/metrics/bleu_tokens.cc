#include "worker/metrics/bleu_tokens.h"

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "base/error.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

using Points = std::u32string;
using Test = bool (*)(char32_t);

constexpr std::array<BleuTokenizer, 5> kTokenizers = {
    BleuTokenizer::k13a, BleuTokenizer::kIntl, BleuTokenizer::kZh, BleuTokenizer::kCharacters,
    BleuTokenizer::kNone};

// What Python's str.split() divides at: white space, and the four separators of ASCII.
bool IsBlank(char32_t code) { return IsWhiteSpace(code) || (code >= 0x1C && code <= 0x1F); }

bool IsDigit(char32_t code) { return code >= '0' && code <= '9'; }
bool IsNoDigit(char32_t code) { return !IsDigit(code); }
bool IsStop(char32_t code) { return code == '.' || code == ','; }
bool IsDash(char32_t code) { return code == '-'; }
bool IsNoNumber(char32_t code) { return !IsNumber(code); }
bool IsMark(char32_t code) { return IsPunctuation(code) && !IsSymbol(code); }

// The signs that mteval-v13a.pl always divides at, [\{-\~\[-\` -\&\(-\+\:-\@\/]. The apostrophe,
// comma, dash and full stop are not among them.
bool IsWesternSign(char32_t code) {
  return (code >= '{' && code <= '~') || (code >= '[' && code <= '`') ||
         (code >= ' ' && code <= '&') || (code >= '(' && code <= '+') ||
         (code >= ':' && code <= '@') || code == '/';
}

// The ranges of sacreBLEU's tokenizer_zh.py. Two of them, written there as \u20000-\u2a6d6 and
// \u2f800-\u2fa1d, are read by Python as comparisons with two characters each, which comes to
// U+2001..U+2A6D and U+2F81..U+2FA1; the same is done here, because scores must be the same.
bool IsChinese(char32_t code) {
  constexpr std::array<std::pair<char32_t, char32_t>, 22> kRanges = {{
      {0x3400, 0x4DB5}, {0x4E00, 0x9FA5}, {0x9FA6, 0x9FBB}, {0xF900, 0xFA2D}, {0xFA30, 0xFA6A},
      {0xFA70, 0xFAD9}, {0x2001, 0x2A6D}, {0x2F81, 0x2FA1}, {0xFF00, 0xFFEF}, {0x2E80, 0x2EFF},
      {0x3000, 0x303F}, {0x31C0, 0x31EF}, {0x2F00, 0x2FDF}, {0x2FF0, 0x2FFF}, {0x3100, 0x312F},
      {0x31A0, 0x31BF}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE4F}, {0x2600, 0x26FF}, {0x2700, 0x27BF},
      {0x3200, 0x32FF}, {0x3300, 0x33FF},
  }};
  return std::ranges::any_of(
      kRanges, [&](const auto& range) { return code >= range.first && code <= range.second; });
}

Points Decode(std::string_view text) {
  Points points;
  while (!text.empty()) points += DecodeCodePoint(TakeCodePoint(&text));
  return points;
}

// Whether a capital sigma at place `i` ends a word.
bool EndsWord(const Points& points, std::size_t i) {
  const bool after_letter = i > 0 && IsAlphanumeric(points[i - 1]) && !IsNumber(points[i - 1]);
  const bool more = i + 1 < points.size() && IsAlphanumeric(points[i + 1]);
  return after_letter && !more;
}

Points LowerCase(const Points& points) {
  constexpr char32_t kCapitalSigma = 0x3A3, kFinalSigma = 0x3C2, kDottedCapital = 0x130;
  Points lower;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i] == kDottedCapital) {
      lower += {U'i', U'\x307'};
    } else if (points[i] == kCapitalSigma && EndsWord(points, i)) {
      lower += kFinalSigma;
    } else {
      lower += ToLower(points[i]);
    }
  }
  return lower;
}

// As re.sub(r"(x)", r" \1 ", ...).
Points SetApart(const Points& points, Test is_apart) {
  Points result;
  for (const char32_t code : points) {
    if (is_apart(code)) {
      result += {U' ', code, U' '};
    } else {
      result += code;
    }
  }
  return result;
}

// As re.sub(r"(x)(y)", ...): pairs are found from left to right and do not overlap. `joined` writes
// a pair.
template <typename Joined>
Points ReplacePairs(const Points& points, Test first, Test second, Joined joined) {
  Points result;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i + 1 < points.size() && first(points[i]) && second(points[i + 1])) {
      result += joined(points[i], points[i + 1]);
      ++i;
    } else {
      result += points[i];
    }
  }
  return result;
}

// r"\1 \2 " and r" \1 \2".
Points SecondApart(char32_t a, char32_t b) { return {a, U' ', b, U' '}; }
Points FirstApart(char32_t a, char32_t b) { return {U' ', a, U' ', b}; }

Points WesternRules(Points points) {
  points = SetApart(points, IsWesternSign);
  points = ReplacePairs(points, IsNoDigit, IsStop, SecondApart);
  points = ReplacePairs(points, IsStop, IsNoDigit, FirstApart);
  return ReplacePairs(points, IsDigit, IsDash, SecondApart);
}

Points InternationalRules(Points points) {
  points = ReplacePairs(points, IsNoNumber, IsMark, SecondApart);
  points = ReplacePairs(points, IsMark, IsNoNumber, FirstApart);
  return SetApart(points, IsSymbol);
}

void ReplaceAll(std::u32string_view what, std::u32string_view with, Points* points) {
  for (std::size_t at = points->find(what); at != Points::npos; at = points->find(what, at)) {
    points->replace(at, what.size(), with);
    at += with.size();
  }
}

Points Rules13a(Points points) {
  ReplaceAll(U"<skipped>", U"", &points);
  ReplaceAll(U"&quot;", U"\"", &points);
  ReplaceAll(U"&amp;", U"&", &points);
  ReplaceAll(U"&lt;", U"<", &points);
  ReplaceAll(U"&gt;", U">", &points);
  return WesternRules(U' ' + points + U' ');
}

Points Apply(BleuTokenizer tokenizer, Points points) {
  switch (tokenizer) {
    case BleuTokenizer::k13a:
      return Rules13a(std::move(points));
    case BleuTokenizer::kIntl:
      return InternationalRules(std::move(points));
    case BleuTokenizer::kZh:
      // White space is stripped at both ends here, where rules look at neighbours.
      points.erase(points.begin(), std::ranges::find_if_not(points, IsBlank));
      return WesternRules(SetApart(points, IsChinese));
    case BleuTokenizer::kCharacters:
      return SetApart(points, [](char32_t) { return true; });
    case BleuTokenizer::kNone:
      break;
  }
  return points;
}

}  // namespace

const char* BleuTokenizerName(BleuTokenizer tokenizer) {
  constexpr std::array<const char*, 5> kNames = {"13a", "intl", "zh", "char", "none"};
  return kNames[static_cast<std::size_t>(tokenizer)];
}

BleuTokenizer BleuTokenizerFromName(const std::string& name) {
  for (const BleuTokenizer tokenizer : kTokenizers)
    if (name == BleuTokenizerName(tokenizer)) return tokenizer;
  throw UsageError("\"{}\" is no tokenizer of BLEU; there are 13a, intl, zh, char and none", name);
}

std::vector<std::string> BleuTokens(BleuTokenizer tokenizer, bool lower_case,
                                    std::string_view text) {
  Points points = Decode(text);
  if (lower_case) points = LowerCase(points);
  while (!points.empty() && IsBlank(points.back())) points.pop_back();
  std::vector<std::string> tokens;
  bool inside = false;
  for (const char32_t code : Apply(tokenizer, std::move(points))) {
    const bool blank = IsBlank(code);
    if (!blank && !inside) tokens.emplace_back();
    if (!blank) tokens.back() += EncodeCodePoint(code);
    inside = !blank;
  }
  return tokens;
}

std::u32string CharactersOf(std::string_view text, bool lower_case) {
  Points points = Decode(text);
  if (lower_case) points = LowerCase(points);
  std::erase_if(points, IsBlank);
  return points;
}

}  // namespace lockstep
