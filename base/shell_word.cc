#include "base/shell_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace lockstep {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// As $'...' of bash. A name with a line break must not look like lines of the script, some of which
// are found by their text (sweep.sbatch).
std::string QuotedControls(const std::string& word) {
  std::string quoted = "$'";
  for (const char c : word) {
    if (IsControl(c)) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      quoted += c == '\'' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
    }
  }
  return quoted + "'";
}

}  // namespace

std::string ShellQuoted(const std::string& word) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-+=.,:/@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  if (std::any_of(word.begin(), word.end(), IsControl)) return QuotedControls(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace lockstep
