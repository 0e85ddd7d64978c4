#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep {
namespace {

// U+0080 to U+009F at the beginning of UTF-8 text. U+009B is to many terminals what ESC [ is.
bool IsHighControl(std::string_view text) {
  if (text.size() < 2 || text[0] != '\xC2') return false;
  const auto second = static_cast<unsigned char>(text[1]);
  return second >= 0x80 && second < 0xA0;
}

}  // namespace

std::string_view TakeWord(std::string_view* text) {
  const std::size_t size = std::min(text->find_first_of(" \t"), text->size());
  const std::string_view word = text->substr(0, size);
  *text = Trim(text->substr(size));
  return word;
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

std::string WithoutControls(std::string_view text) {
  std::string shown;
  for (; !text.empty(); text.remove_prefix(1)) {
    const char c = text[0];
    const bool is_control = (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    if (IsHighControl(text)) {
      shown += fmt::format("<U+{:04X}>", static_cast<unsigned char>(text[1]));
      text.remove_prefix(1);
    } else {
      shown += is_control ? fmt::format("<U+{:04X}>", static_cast<unsigned>(c)) : std::string(1, c);
    }
  }
  return shown;
}

}  // namespace lockstep
