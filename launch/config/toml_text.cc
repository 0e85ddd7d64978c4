#include "launch/config/toml_text.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

std::string NodeText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  // No key takes one of these; the message shows this text.
  if (node.is_array()) return "a list";
  if (node.is_table()) return "a table";
  if (!node.is_number() && !node.is_boolean()) return "a date or time";
  std::ostringstream out;
  if (const auto* number = node.as_integer()) out << number->get();
  if (const auto* flag = node.as_boolean()) out << (flag->get() ? "true" : "false");
  if (const auto* number = node.as_floating_point()) out << fmt::format("{}", number->get());
  return out.str();
}

// A key of many parts makes as many tables, one in the other, and the reader calls itself for each
// of them until the stack is full. Returns the lines.
std::vector<std::string_view> CheckedLines(const std::string& path, const std::string& text) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 20, kMostLine = 4096;
  if (text.size() > kMostBytes) {
    throw UsageError("{}: has {} bytes, a configuration at most {}", path, text.size(), kMostBytes);
  }
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin > kMostLine) {
      throw UsageError("{}:{}: the line has {} bytes, at most {} are read", path, lines.size() + 1,
                       end - begin, kMostLine);
    }
    lines.push_back(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// What stands behind a value; columns count code points from 1.
std::string CommentBehind(const toml::source_position& end,
                          const std::vector<std::string_view>& lines) {
  if (end.line == 0 || end.line > lines.size()) return "";
  std::string_view line = lines[end.line - 1];
  for (toml::source_index column = 1; column < end.column && !line.empty(); ++column)
    line.remove_prefix(std::max<std::size_t>(1, FirstCodePoint(line).size()));
  const std::size_t mark = line.find('#');
  return mark == std::string_view::npos ? "" : std::string(Trim(line.substr(mark + 1)));
}

}  // namespace

std::vector<TomlSetting> ReadToml(const std::string& path) {
  const std::string text = ReadTextFile(path);
  const std::vector<std::string_view> lines = CheckedLines(path, text);
  std::vector<TomlSetting> settings;
  const auto add = [&](const std::string& key, const toml::node& node) {
    settings.push_back({key, NodeText(node), static_cast<Index>(node.source().begin.line),
                        CommentBehind(node.source().end, lines)});
  };
  try {
    const toml::table document = toml::parse(text, path);
    for (const auto& [section, node] : document) {
      const toml::table* const table = node.as_table();
      if (table == nullptr) {
        add(std::string(section.str()), node);
        continue;
      }
      for (const auto& [key, value] : *table)
        add(fmt::format("{}.{}", section.str(), key.str()), value);
    }
  } catch (const toml::parse_error& error) {
    throw UsageError("{}:{}: {}", path, error.source().begin.line, error.description());
  }
  return settings;
}

}  // namespace lockstep
