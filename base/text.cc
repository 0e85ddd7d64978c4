#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep {

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
  for (const char c : text) {
    const bool is_control = (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    shown += is_control ? fmt::format("<U+{:04X}>", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return shown;
}

}  // namespace lockstep
