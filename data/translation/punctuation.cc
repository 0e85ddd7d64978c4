#include "data/translation/punctuation.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lockstep {
namespace {

constexpr std::array<std::string_view, 14> kClosing = {".", ",", "!", "?", ";", ":", ")",
                                                       "]", "}", "%", "…", "”", "’", "»"};
constexpr std::array<std::string_view, 9> kOpening = {"(", "[", "{", "„", "‚", "«", "¿", "¡", "‘"};
// These open where none of them is open, and close otherwise. The sign U+201C opens in English, but
// closes behind the German U+201E.
constexpr std::array<std::string_view, 2> kStraight = {"\"", "'"};

template <std::size_t N>
bool IsOne(const std::array<std::string_view, N>& signs, std::string_view token) {
  return std::ranges::find(signs, token) != signs.end();
}

bool IsStops(std::string_view token) {
  return token.size() > 1 && token.find_first_not_of('.') == token.npos;
}

}  // namespace

std::string JoinWords(std::span<const std::string> tokens) {
  std::string text;
  bool joins = true;  // the next token stands at what is there
  bool low_quote = false;
  std::array<bool, kStraight.size()> open{};
  for (const std::string& token : tokens) {
    const auto straight = std::ranges::find(kStraight, token);
    const bool upper_quote = token == "“";
    bool closes = IsOne(kClosing, token) || IsStops(token) || (upper_quote && low_quote);
    bool opens = IsOne(kOpening, token) || (upper_quote && !low_quote);
    if (token == "„") low_quote = true;
    if (upper_quote) low_quote = false;
    if (straight != kStraight.end()) {
      bool& is_open = open[static_cast<std::size_t>(straight - kStraight.begin())];
      closes = is_open;
      opens = !is_open;
      is_open = !is_open;
    }
    if (!joins && !closes) text += ' ';
    text += token;
    joins = opens;
  }
  return text;
}

}  // namespace lockstep
