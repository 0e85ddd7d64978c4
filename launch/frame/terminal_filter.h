// Stands between std::cout and a terminal: what a verb prints may hold texts of other people's
// files, whose control characters could move the cursor, hide lines or colour them. A file or a
// pipe gets every byte as it is.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>

namespace lockstep {

class TerminalFilter : public std::streambuf {
 public:
  // Filters what is written to `stream` from now on, if `is_terminal`.
  TerminalFilter(std::ostream* stream, bool is_terminal);
  // Hands on what is left, and gives the stream its own buffer back.
  ~TerminalFilter() override;
  TerminalFilter(const TerminalFilter&) = delete;
  TerminalFilter& operator=(const TerminalFilter&) = delete;

  // Goes to the same place past the filter, for verbs that move the cursor. What they write of
  // other people's texts must have no control characters. Text that the filtered stream still holds
  // must be flushed first, or it comes later.
  std::ostream& raw() { return raw_; }

 protected:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;
  int sync() override;

 private:
  bool Write();  // false if the stream's own buffer does not take everything

  std::ostream& stream_;
  std::ostream raw_;
  std::streambuf* target_ = nullptr;  // null where nothing is filtered
  std::string text_;                  // not yet handed on
};

}  // namespace lockstep
