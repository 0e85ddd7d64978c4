// The lines that predict translates: those of a file, or of standard input, which may be a pipe.
#pragma once

#include <optional>
#include <string>

#include "base/line_reader.h"

namespace lockstep {

class SourceLines {
 public:
  // `path` is a file, plain or gzip, or "-" for standard input, which must be plain. Errors are
  // those of LineReader.
  explicit SourceLines(const std::string& path);

  // Sets `line` to the next line; returns false at the end. BadData that names the line, and the
  // byte, if the text is no UTF-8.
  bool Next(std::string* line);

  Index line_number() const { return line_number_; }  // of the last line, counted from 1
  std::string Place() const;                          // "new.de:7"
  double share_read() const;                          // negative: not known

 private:
  std::string path_;
  std::optional<LineReader> file_;
  Index line_number_ = 0;
};

}  // namespace lockstep
