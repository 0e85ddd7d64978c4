// Reads text files, plain or gzip, in pieces of bounded size: whole lines where they are short, and
// parts of lines where they are long, so that a file that is one line of gigabytes takes no more
// memory than any other.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/gzip_reader.h"
#include "base/text_decoder.h"
#include "base/types.h"

namespace lockstep {

// Where a line that is longer than a piece may be cut.
enum class PieceCut {
  kWords,       // after a blank or tab: no piece divides a word
  kCharacters,  // between two code points
  kBytes,       // anywhere: the file is not read as text
};

class TextPieces {
 public:
  // The most bytes of a piece. A word as long as that cannot be read by kWords: it is
  // BadData.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 16;

  struct Piece {
    std::string_view text;   // without the end of the line; may be empty
    bool ends_line = false;  // the line ends after this piece
    bool has_end = false;    // and there is a line end in the file (the last line may have none)
  };

  // A file in the given encoding, whose pieces are valid UTF-8; with kBytes the encoding is
  // ignored. MissingInput if the file does not exist, UsageError if the encoding is unknown.
  TextPieces(const std::string& path, PieceCut cut, const std::string& encoding = kUtf8);
  // The same of a text that may be standard input.
  TextPieces(const TextInput& input, PieceCut cut, const std::string& encoding);

  // Sets `piece` to the next piece, valid until the next call; returns false after the last. LF,
  // CRLF and a lone CR end a line, and a byte order mark at the beginning is skipped; with kBytes
  // only LF ends a line, and nothing is skipped. BadData that names file, line, byte and its value
  // where the file is not in its encoding or has U+0000, and where a word is too long.
  bool Next(Piece* piece);

  // The number of the line that the last piece is from; the first line has number 1.
  Index line_number() const { return line_number_; }
  const std::string& path() const { return reader_.path(); }
  // How much of the file was returned, from 0 to 1, for progress; negative: not known.
  double share_read() const;

 private:
  void OpenDecoder();
  bool Refill();
  std::size_t FindEnd(std::size_t from, std::size_t to) const;
  std::size_t CutLongLine(std::string_view text) const;
  void Check(std::string_view text) const;
  [[noreturn]] void FailAt(std::size_t place, unsigned char byte) const;

  GzipReader reader_;
  PieceCut cut_;
  std::string encoding_;
  std::unique_ptr<TextDecoder> decoder_;  // null for UTF-8 and bytes
  std::string buffer_;                    // text that was read
  std::size_t begin_ = 0;                 // what of it has been returned
  Index buffer_offset_ = 0;               // place of buffer_[0] in the text
  Index line_number_ = 0;
  bool ended_ = false;                  // nothing is left in the file
  bool line_goes_on_ = false;           // the last piece did not end its line
  bool after_carriage_return_ = false;  // if a line feed comes next, it ends the previous line
};

}  // namespace lockstep
