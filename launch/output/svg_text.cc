#include "launch/output/svg_text.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace lockstep {
namespace {

// False for what is not valid UTF-8, for control characters, and for U+FFFE and U+FFFF, which XML
// forbids.
bool IsXmlCharacter(std::string_view character) {
  if (character.empty()) return false;
  const char32_t code = DecodeCodePoint(character);
  const bool is_control = (code < 0x20 && code != '\t') || (code >= 0x7F && code < 0xA0);
  // Those that change the direction of the text behind them, of the page's own as well.
  const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return !is_control && !turns && code != 0xFFFE && code != 0xFFFF;
}

}  // namespace

std::string XmlText(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::string_view character = FirstCodePoint(text);
    if (character == "&") {
      escaped += "&amp;";
    } else if (character == "<") {
      escaped += "&lt;";
    } else if (character == ">") {
      escaped += "&gt;";
    } else if (character == "\"") {
      escaped += "&quot;";
    } else if (!IsXmlCharacter(character)) {
      escaped += '?';
    } else {
      escaped += character;
    }
    text.remove_prefix(std::max(character.size(), std::size_t{1}));
  }
  return escaped;
}

std::string XmlLines(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines += XmlText(text.substr(0, end)) + (end < text.size() ? "\n" : "");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

double TickStep(double range, int most) {
  const double power = std::pow(10, std::floor(std::log10(range / most)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= most) return factor * power;
  }
  return 10 * power;
}

}  // namespace lockstep
