#include "launch/frame/help.h"

#include <algorithm>
#include <iostream>

#include "base/terminal.h"
#include "launch/frame/usage.h"

namespace lockstep {
namespace {

// "CORPUS", "FILE ..."; empty for a switch.
std::string ValueOf(const OptionRow& row) {
  const bool has_several = row.kind == OptionKind::kRepeated || row.kind == OptionKind::kWords;
  return row.value() + (has_several ? " ..." : "");
}

// "--corpus CORPUS", "-h, --help".
std::string NameAndValue(const OptionRow& row) {
  const std::string value = ValueOf(row);
  return (row.name() == "help" ? "-h, --" : "--") + row.name() + (value.empty() ? "" : " " + value);
}

// Names are padded to `width` columns, lines have at most `columns`.
std::string RowText(const OptionRow& row, int width, int columns) {
  std::string name = NameAndValue(row), text;
  if (static_cast<int>(name.size()) > width) {  // the help begins on the next line
    text += "  " + name + "\n";
    name.clear();
  }
  for (const std::string& line : WrapWords(row.help, columns - width - 4)) {
    text += fmt::format("  {:<{}}  {}\n", name, width, line);
    name.clear();
  }
  return text;
}

std::vector<OptionRow> ShownRows(const std::vector<OptionRow>& rows, bool with_rare) {
  std::vector<OptionRow> shown;
  for (const OptionRow& row : rows)
    if (with_rare || !row.is_rare) shown.push_back(row);
  return shown;
}

// The number of options that --help leaves out, but for those that print help themselves.
Index RareOptions(const OptionTable& table) {
  return std::ranges::count_if(table.rows(), [](const OptionRow& row) {
    return row.is_rare && !row.name().starts_with("help");
  });
}

}  // namespace

std::string HelpText(const OptionTable& table, bool with_rare) {
  constexpr int kMostForNames = 30;
  const int columns = HelpColumns();
  std::size_t width = 0;
  for (const OptionRow& row : ShownRows(table.rows(), with_rare))
    width = std::min<std::size_t>(kMostForNames, std::max(width, NameAndValue(row).size()));
  std::string text;
  for (const OptionGroup& group : table.groups()) {
    const std::vector<OptionRow> rows = ShownRows(group.rows, with_rare);
    if (rows.empty()) continue;
    text += (text.empty() ? "" : "\n") + group.title + "\n";
    for (const OptionRow& row : rows) text += RowText(row, static_cast<int>(width), columns);
  }
  return text;
}

std::string HelpTable(const OptionTable& table) {
  std::string text;
  for (const OptionGroup& group : table.groups()) {
    for (const OptionRow& row : group.rows)
      text += fmt::format("{}\t--{}\t{}\t{}\n", group.title, row.name(), ValueOf(row), row.help);
  }
  return text;
}

bool PrintsHelp(const Options& options, const std::string& usage, const OptionTable& table) {
  if (options.Has("help-table")) {
    std::cout << HelpTable(table);
    return true;
  }
  const bool all = options.Has("help-all");
  if (!all && !options.Has("help")) return false;
  std::cout << UsageText(usage) << HelpText(table, all);
  const Index rare = RareOptions(table);
  if (!all && rare > 0) {
    const std::string end = fmt::format("`lockstep {} --help-all` lists {} more option{}.",
                                        options.verb(), rare, rare == 1 ? "" : "s");
    std::cout << "\n" << UsageText(end);
  }
  return true;
}

}  // namespace lockstep
