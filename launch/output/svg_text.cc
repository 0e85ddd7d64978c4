#include "launch/output/svg_text.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace lockstep {
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
    } else if (character.empty() || static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F) {
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
