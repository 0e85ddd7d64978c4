#include "data/text/text_lines.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "data/text/utf8.h"

namespace lockstep {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The number of bytes before the first line end; all if there is none.
std::size_t LengthOfLine(std::string_view text) {
  const void* feed = std::memchr(text.data(), '\n', text.size());
  const std::size_t length =
      feed == nullptr ? text.size()
                      : static_cast<std::size_t>(static_cast<const char*>(feed) - text.data());
  const void* carriage = std::memchr(text.data(), '\r', length);
  return carriage == nullptr
             ? length
             : static_cast<std::size_t>(static_cast<const char*>(carriage) - text.data());
}

Index CodePoints(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace

TextLines::TextLines(const std::string& path, const std::string& encoding)
    : reader_(path), encoding_(encoding) {
  if (!IsUtf8Name(encoding)) decoder_ = std::make_unique<TextDecoder>(encoding);
}

bool TextLines::Next(std::string_view* line) {
  if (!SkipToLine()) return false;
  ++line_number_;
  TakeLine();
  if (line_number_ == 1 && line_.starts_with(kByteOrderMark)) line_.erase(0, kByteOrderMark.size());
  CheckLine();
  *line = line_;
  return true;
}

// Reads the next text if rest_ is empty. Returns false at the end, and always after an error in
// reading the file.
bool TextLines::Refill() {
  while (rest_.empty() && !ended_) {
    ended_ = true;  // remains true if the next line throws
    const std::span<const char> piece = reader_.Next();
    ended_ = piece.empty();
    rest_ = {piece.data(), piece.size()};
    if (decoder_ == nullptr) continue;
    decoded_.clear();
    decoder_->Append(piece, &decoded_);
    rest_ = decoded_;
    if (decoder_->bad_byte()) ended_ = true;
  }
  return !rest_.empty();
}

// Moves to the beginning of a line. If the decoder has refused a byte, the text ends with one more
// line, for which the error is thrown.
bool TextLines::SkipToLine() {
  while (Refill()) {
    if (!std::exchange(after_carriage_return_, false) || rest_.front() != '\n') return true;
    rest_.remove_prefix(1);
  }
  ++line_number_;
  FailWhereDecodingStopped(1);
  --line_number_;
  return false;
}

void TextLines::TakeLine() {
  line_.clear();
  bool too_long = false;
  bool complete = false;
  while (!complete && Refill()) {
    const std::size_t length = LengthOfLine(rest_);
    complete = length < rest_.size();
    too_long = too_long || line_.size() + length > kLongestLine;
    if (!too_long) line_.append(rest_.substr(0, length));
    after_carriage_return_ = complete && rest_[length] == '\r';
    rest_.remove_prefix(length + (complete ? 1 : 0));
  }
  if (!complete) FailWhereDecodingStopped(CodePoints(line_) + 1);
  if (!too_long) return;
  throw BadData(
      "{}:{}: the line has more than {} bytes, which no text to learn from has; is this the file "
      "that was meant?",
      path(), line_number_, kLongestLine);
}

void TextLines::FailWhereDecodingStopped(Index column) {
  if (decoder_ == nullptr || !decoder_->bad_byte()) return;
  const unsigned char byte = *decoder_->bad_byte();
  decoder_.reset();  // so that the error is thrown only once
  FailAtByte(column, byte);
}

void TextLines::CheckLine() {
  std::string_view rest = line_;
  for (Index column = 1; !rest.empty(); ++column) {
    const std::string_view point = FirstCodePoint(rest);
    if (point.empty()) FailAtByte(column, static_cast<unsigned char>(rest.front()));
    if (rest.front() == '\0') {
      throw BadData(
          "{}:{}: column {} is U+0000, which is in no text; if the file is UTF-16, give "
          "--encoding UTF-16LE (or UTF-16BE), otherwise remove it",
          path(), line_number_, column);
    }
    rest.remove_prefix(point.size());
  }
}

void TextLines::FailAtByte(Index column, unsigned char byte) const {
  const bool utf16 = line_number_ == 1 && column == 1 && byte >= 0xFE;
  const char* guess = utf16 ? "UTF-16" : "ISO-8859-1 or --encoding windows-1252";
  throw BadData(
      "{}:{}: column {} has the byte 0x{:02x}, which is not valid {}; name the encoding of the "
      "file, for example --encoding {}, or correct the line",
      path(), line_number_, column, byte, encoding_, guess);
}

}  // namespace lockstep
