// Lines of a text file in a declared encoding, plain or gzip, as valid UTF-8 and in constant
// memory.
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
  // Longer lines are BadData, as in base/gzip_lines.h.
  static constexpr std::size_t kLongestLine = LineReader::kLongestLine;

  // MissingInput when the file is not there, UsageError when the encoding is not known.
  explicit TextLines(const std::string& path, const std::string& encoding = kUtf8);

  // The next line, valid UTF-8 without its end, until the next call; false after the last. LF,
  // CRLF and a lone CR end a line; a byte order mark at the begin of the file is left out.
  // BadData names file, line, column and byte where the file is not in its encoding, holds U+0000,
  // or has a line that is too long. After an error the next call goes on with the next line where
  // there is one to find, and gives false otherwise: it never gives the same error for ever.
  bool Next(std::string_view* line);

  // Number of the line that Next gave last; the first is 1.
  Index line_number() const { return line_number_; }
  const std::string& path() const { return reader_.path(); }

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
  std::string decoded_;    // the piece that rest_ is part of, where there is a decoder
  std::string_view rest_;  // not yet given
  std::string line_;
  Index line_number_ = 0;
  bool ended_ = false;
  bool after_carriage_return_ = false;  // a line feed now belongs to the end of the last line
};

}  // namespace lockstep
