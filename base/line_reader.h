// Reads the lines of a text file, plain or gzip. All readers of lines use it, so that all files may
// have the same ends of lines, marks and packings. Takes constant memory.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/gzip_reader.h"
#include "base/text_decoder.h"
#include "base/types.h"

namespace lockstep {

// Tells a LineReader to return lines as their bytes are, not checked: for files that are only
// partly text for people, such as annotations with names in Latin-1, and for callers with checks of
// their own.
struct AnyBytes {};

class LineReader {
 public:
  // A longer line is BadData: the file is then not the text that it should be.
  static constexpr std::size_t kLongestLine = std::size_t{1} << 20;

  // A file in the given encoding, whose lines are returned as valid UTF-8. MissingInput if the file
  // does not exist, UsageError if the encoding is unknown.
  explicit LineReader(const std::string& path, const std::string& encoding = kUtf8);

  // A text that may be standard input; UTF-8.
  explicit LineReader(const TextInput& input) : reader_(input), encoding_(kUtf8) {}

  // A file whose bytes may be any.
  LineReader(const std::string& path, AnyBytes);

  // Sets `line` to the next line without its end, valid until the next call; returns false after
  // the last line. LF, CRLF and a lone CR end a line; a byte order mark at the beginning of the
  // file is skipped. BadData that names file, line, column and byte if the file is not in its
  // encoding, contains U+0000, or has a line that is too long. After an error, the next call
  // continues with the next line if that can be found, and otherwise returns false; so a loop that
  // ignores errors ends.
  bool Next(std::string_view* line);

  // Whether Next would wait for standard input, of which no whole line has come, nor its end.
  bool MayWait() const;

  // The number of the line that Next returned last; the first line has number 1.
  Index line_number() const { return line_number_; }
  // The place of its first byte in the text, from 0, which for a plain file in UTF-8 is its place
  // in the file.
  Index line_offset() const { return line_offset_; }
  const std::string& path() const { return reader_.path(); }
  // How much of the file has been read, from 0 to 1, for progress; negative: not known.
  double share_read() const { return reader_.share_read(); }
  bool is_gzip() const { return reader_.is_gzip(); }

 private:
  bool Refill();
  void Drop(std::size_t bytes);
  bool SkipToLine();
  void TakeLine();
  void CheckLine();
  void FailWhereDecodingStopped(Index column);
  [[noreturn]] void FailAtByte(Index column, unsigned char byte) const;

  GzipReader reader_;
  std::string encoding_;
  bool check_ = true;                     // lines must be UTF-8
  std::unique_ptr<TextDecoder> decoder_;  // null for UTF-8, which needs no conversion
  std::string decoded_;                   // with a decoder: the piece that rest_ is part of
  std::string_view rest_;                 // text that has not been returned yet
  std::string line_;
  Index line_number_ = 0;
  Index line_offset_ = 0;
  Index offset_ = 0;  // of rest_ in the text
  bool ended_ = false;
  bool after_carriage_return_ = false;  // if a line feed comes next, it ends the previous line
};

}  // namespace lockstep
