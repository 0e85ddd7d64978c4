// Reads the lines of a text file, plain or gzip, in a given encoding, and returns them as valid
// UTF-8. Takes constant memory.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/gzip_lines.h"
#include "base/types.h"
#include "data/text/text_decoder.h"

namespace lockstep {

class TextLines {
 public:
  // A longer line is BadData, as in base/gzip_lines.h.
  static constexpr std::size_t kLongestLine = LineReader::kLongestLine;

  // MissingInput if the file does not exist, UsageError if the encoding is unknown.
  explicit TextLines(const std::string& path, const std::string& encoding = kUtf8);

  // Sets `line` to the next line without its end, valid until the next call; returns false after
  // the last line. LF, CRLF and a lone CR end a line; a byte order mark at the beginning of the
  // file is skipped. BadData that names file, line, column and byte if the file is not in its
  // encoding, contains U+0000, or has a line that is too long. After an error, the next call
  // continues with the next line if that can be found, and otherwise returns false; so a loop that
  // ignores errors ends.
  bool Next(std::string_view* line);

  // The number of the line that Next returned last; the first line has number 1.
  Index line_number() const { return line_number_; }
  const std::string& path() const { return reader_.path(); }
  // How much of the file has been read, from 0 to 1, for progress.
  double share_read() const { return reader_.share_read(); }

 private:
  bool Refill();
  bool SkipToLine();
  void TakeLine();
  void CheckLine();
  void FailWhereDecodingStopped(Index column);
  [[noreturn]] void FailAtByte(Index column, unsigned char byte) const;

  GzipReader reader_;
  std::string encoding_;
  std::unique_ptr<TextDecoder> decoder_;  // null for UTF-8, which needs no conversion
  std::string decoded_;                   // with a decoder: the piece that rest_ is part of
  std::string_view rest_;                 // text that has not been returned yet
  std::string line_;
  Index line_number_ = 0;
  bool ended_ = false;
  bool after_carriage_return_ = false;  // if a line feed comes next, it ends the previous line
};

}  // namespace lockstep
