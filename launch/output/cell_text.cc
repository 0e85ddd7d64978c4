#include "launch/output/cell_text.h"

#include <fmt/format.h>

#include <iterator>

#include "base/characters.h"
#include "base/text.h"

namespace lockstep {
namespace {

// The text with <U+...> in place of each of `signs`.
std::string Without(std::string_view signs, std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const bool stays = signs.find(c) == std::string_view::npos;
    shown += stays ? std::string(1, c) : fmt::format("<U+{:04X}>", static_cast<unsigned>(c));
  }
  return shown;
}

}  // namespace

std::string CellText(std::string_view text) { return Without("\t\n", WithoutControls(text)); }

std::vector<std::string> CellTexts(const std::vector<std::string>& texts) {
  std::vector<std::string> cells;
  cells.reserve(texts.size());
  for (const std::string& text : texts) cells.push_back(CellText(text));
  return cells;
}

std::string PathText(std::string_view path) {
  const std::string quoted = Printable(path, std::ssize(path));  // no path has more code points
  return quoted.substr(1, quoted.size() - 2);
}

std::string CsvCell(std::string_view text) {
  const std::string shown = WithoutControls(text);
  if (shown.find_first_of(",\"\n") == shown.npos) return shown;
  std::string quoted = "\"";
  for (const char c : shown) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

std::string WordText(std::string_view text) { return Without(" ", CellText(text)); }

}  // namespace lockstep
