// The terminal that messages for people go to: its width, colours, and one line at its end that is
// drawn anew in place (a bar of progress).
//
// Under mpirun standard error is a pipe. A launcher that knows the terminal behind it says so:
// LOCKSTEP_TERMINAL=COLUMNS@HOST:PATH (launch/local and launch/hosts do).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep {

// Columns of the terminal that standard error is shown on, asked for anew at each call, because
// windows are resized; 0 where there is none, as for a file.
int TerminalColumns();
// The same of standard output, which has no launcher's word: 0 where it is no terminal, and under
// mpirun, which may write what it gets anywhere.
int OutputColumns();
// The lines of the terminal that standard output is shown on; 0 where it is none.
int OutputRows();
// Whether messages may be coloured: on a terminal that knows how, unless NO_COLOR is set
// (https://no-color.org).
bool TerminalHasColours();
// The same for standard output; and whether lines can be drawn over there.
bool OutputHasColours();
bool OutputHasCursor();
// The first `columns` code points of a text.
std::string_view CutColumns(std::string_view text, int columns);

// Columns that a UTF-8 text takes: one for each code point.
int TextColumns(std::string_view text);

// The words of a text in lines of at most `columns`; a longer word has a line of its own.
std::vector<std::string> WrapWords(const std::string& text, int columns);

// Any thread. Draws `text` as the live line, cut to one column less than the terminal has, in place
// of the one before; does nothing without a terminal.
void ShowLiveLine(const std::string& text);
void ClearLiveLine();

// Takes the live line off the screen for as long as it lives, so that another line can be printed.
class LiveLinePause {
 public:
  LiveLinePause();
  ~LiveLinePause();
  LiveLinePause(const LiveLinePause&) = delete;
  LiveLinePause& operator=(const LiveLinePause&) = delete;
};

}  // namespace lockstep
