#include "base/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <sstream>

#include "base/host_name.h"

namespace lockstep {
namespace {

constexpr int kUsualColumns = 80;  // of a terminal that does not say how wide it is
constexpr const char* kEraseLine = "\r\033[K";

// 0 where the file is no terminal.
int ColumnsOf(int file) {
  if (::isatty(file) == 0) return 0;
  winsize size{};
  if (::ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

// mpirun gives rank 0 a terminal of its own, whatever becomes of what it prints: a file, a pipe.
bool OutputIsTerminal() {
  return std::getenv("OMPI_COMM_WORLD_RANK") == nullptr && ::isatty(STDOUT_FILENO) != 0;
}

// A terminal that does not say what it is can do nothing but print.
bool KnowsEscapes() {
  const char* const kind = std::getenv("TERM");
  return kind != nullptr && std::string_view(kind) != "dumb";
}

bool WantsColours() {
  const char* const no_colour = std::getenv("NO_COLOR");
  return KnowsEscapes() && (no_colour == nullptr || *no_colour == '\0');
}

// What the launcher says of the terminal behind its pipes.
struct LaunchersTerminal {
  int columns = 0;   // when it was started; 0: there is none
  std::string path;  // empty on another host
};

LaunchersTerminal ReadLaunchersTerminal() {
  const char* const text = std::getenv("LOCKSTEP_TERMINAL");
  if (text == nullptr) return {};
  const std::string_view word = text;
  const std::size_t at = word.find('@'), colon = word.rfind(':');
  if (at == word.npos || colon == word.npos || colon < at) return {};
  LaunchersTerminal terminal;
  const auto [rest, error] = std::from_chars(text, text + at, terminal.columns);
  if (error != std::errc() || rest != text + at || terminal.columns <= 0) return {};
  if (word.substr(at + 1, colon - at - 1) == HostName()) terminal.path = word.substr(colon + 1);
  return terminal;
}

int ColumnsOfLauncher() {
  static const LaunchersTerminal terminal = ReadLaunchersTerminal();
  if (terminal.columns == 0 || terminal.path.empty()) return terminal.columns;
  const int file = ::open(terminal.path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  const int columns = file < 0 ? 0 : ColumnsOf(file);
  if (file >= 0) ::close(file);
  return columns > 0 ? columns : terminal.columns;
}

struct LiveLine {
  std::mutex mutex;
  std::string text;
  bool on_screen = false;

  // Does not use fmt::print, which throws when the terminal has been closed.
  void Draw() {
    const int columns = TerminalColumns();
    if (text.empty() || columns == 0) return;
    const std::string shown = kEraseLine + std::string(CutColumns(text, columns - 1));
    std::fwrite(shown.data(), 1, shown.size(), stderr);
    std::fflush(stderr);
    on_screen = true;
  }
  void Erase() {
    if (!on_screen) return;
    std::fputs(kEraseLine, stderr);
    std::fflush(stderr);
    on_screen = false;
  }
};

LiveLine& TheLiveLine() {
  static LiveLine line;
  return line;
}

}  // namespace

int TerminalColumns() {
  const int columns = ColumnsOf(STDERR_FILENO);
  return columns > 0 ? columns : ColumnsOfLauncher();
}

int OutputColumns() { return OutputIsTerminal() ? ColumnsOf(STDOUT_FILENO) : 0; }

int OutputRows() {
  constexpr int kUsualRows = 24;
  if (!OutputIsTerminal()) return 0;
  winsize size{};
  const bool is_known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
  return is_known ? size.ws_row : kUsualRows;
}

bool TerminalHasColours() { return WantsColours() && TerminalColumns() > 0; }

bool OutputHasColours() { return WantsColours() && OutputColumns() > 0; }

bool OutputHasCursor() { return KnowsEscapes() && OutputColumns() > 0; }

std::string_view CutColumns(std::string_view text, int columns) {
  std::size_t end = 0;
  while (end < text.size() && columns > 0) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    --columns;
  }
  return text.substr(0, end);
}

int TextColumns(std::string_view text) {
  int columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return columns;
}

std::vector<std::string> WrapWords(const std::string& text, int columns) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && TextColumns(lines.back()) + 1 + TextColumns(word) > columns)
      lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

void ShowLiveLine(const std::string& text) {
  LiveLine& line = TheLiveLine();
  const std::lock_guard lock(line.mutex);
  line.text = text;
  line.Draw();
}

void ClearLiveLine() {
  LiveLine& line = TheLiveLine();
  const std::lock_guard lock(line.mutex);
  line.text.clear();
  line.Erase();
}

LiveLinePause::LiveLinePause() {
  TheLiveLine().mutex.lock();
  TheLiveLine().Erase();
}

LiveLinePause::~LiveLinePause() {
  TheLiveLine().Draw();
  TheLiveLine().mutex.unlock();
}

}  // namespace lockstep
