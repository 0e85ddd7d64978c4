#include "launch/frame/usage.h"

#include <algorithm>
#include <vector>

#include "base/terminal.h"

namespace lockstep {
namespace {

// Removes the first line, and those that its backslash joins to it.
std::string TakeLine(std::string_view* text) {
  std::string line;
  while (!text->empty()) {
    const std::size_t end = std::min(text->find('\n'), text->size());
    std::string_view piece = text->substr(0, end);
    text->remove_prefix(std::min(end + 1, text->size()));
    if (!line.empty()) piece.remove_prefix(std::min(piece.find_first_not_of(' '), piece.size()));
    line += piece;
    if (!line.ends_with('\\')) break;
    line.pop_back();
  }
  return line;
}

// The command in pieces that each begin with an option, but for the first.
std::vector<std::string> PiecesOf(std::string_view command) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin < command.size();) {
    const std::size_t end = std::min(command.find(" --", begin + 1), command.size());
    pieces.emplace_back(command.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

std::string FittedCommand(const std::string& command, int columns) {
  constexpr int kMark = 2;  // " \\"
  const std::string indent(5, ' ');
  std::string text, line;
  for (const std::string& piece : PiecesOf(command)) {
    if (!line.empty() && TextColumns(line + piece) + kMark > columns) {
      text += line + " \\\n";
      line = indent;
    }
    line += piece;
  }
  return text + line + "\n";
}

}  // namespace

int HelpColumns() {
  constexpr int kNarrowest = 50, kWidest = 120, kUsual = 80;
  return OutputColumns() == 0 ? kUsual : std::clamp(OutputColumns(), kNarrowest, kWidest);
}

std::string UsageText(std::string_view usage) {
  const int columns = HelpColumns();
  std::string text, sentences;
  const auto end_sentences = [&] {
    if (sentences.empty()) return;
    for (const std::string& line : WrapWords(sentences, columns)) text += line + "\n";
    sentences.clear();
  };
  while (!usage.empty()) {
    const std::string line = TakeLine(&usage);
    if (line.starts_with(' ')) {
      end_sentences();
      text += FittedCommand(line, columns);
    } else {
      sentences += sentences.empty() ? line : " " + line;
    }
  }
  end_sentences();
  return text;
}

}  // namespace lockstep
