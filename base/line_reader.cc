#include "base/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/file_kind.h"
#include "base/shell_word.h"
#include "base/utf8.h"

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

// Whether a line has only bytes 1 to 127, as most lines have. All bytes are looked at, without an
// early end, so that it is done many at a time.
bool IsPlainAscii(std::string_view line) {
  bool plain = true;
  for (const char c : line) plain &= static_cast<signed char>(c) > 0;
  return plain;
}

Index CodePoints(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace

LineReader::LineReader(const std::string& path, const std::string& encoding)
    : reader_(path), encoding_(encoding) {
  if (!IsUtf8Name(encoding)) decoder_ = std::make_unique<TextDecoder>(encoding);
}

LineReader::LineReader(const std::string& path, AnyBytes)
    : reader_(path), encoding_(kUtf8), check_(false) {}

bool LineReader::Next(std::string_view* line) {
  if (!SkipToLine()) return false;
  ++line_number_;
  TakeLine();
  if (line_number_ == 1 && line_.starts_with(kByteOrderMark)) {
    line_.erase(0, kByteOrderMark.size());
    line_offset_ += static_cast<Index>(kByteOrderMark.size());
  }
  if (check_) CheckLine();
  *line = line_;
  return true;
}

bool LineReader::MayWait() const {
  std::string_view rest = rest_;
  if (after_carriage_return_ && rest.starts_with('\n')) rest.remove_prefix(1);
  const bool has_line = !rest.empty() && LengthOfLine(rest) < rest.size();
  return !has_line && !ended_ && reader_.MayWait();
}

// Reads the next text if rest_ is empty. Returns false at the end, and always after an error in
// reading the file.
bool LineReader::Refill() {
  while (rest_.empty() && !ended_) {
    ended_ = true;  // remains true if the next line throws
    const std::span<const char> piece = reader_.Next();
    ended_ = piece.empty();
    rest_ = {piece.data(), piece.size()};
    if (decoder_ == nullptr) {
      if (offset_ == 0) RefuseWideText(path(), reader_.is_gzip(), piece);
      continue;
    }
    decoded_.clear();
    decoder_->Append(piece, &decoded_);
    rest_ = decoded_;
    if (decoder_->bad_byte()) ended_ = true;
  }
  return !rest_.empty();
}

// Moves to the beginning of a line. If the decoder has refused a byte, the text ends with one more
// line, for which the error is thrown.
bool LineReader::SkipToLine() {
  while (Refill()) {
    if (!std::exchange(after_carriage_return_, false) || rest_.front() != '\n') return true;
    Drop(1);
  }
  ++line_number_;
  FailWhereDecodingStopped(1);
  --line_number_;
  return false;
}

void LineReader::Drop(std::size_t bytes) {
  rest_.remove_prefix(bytes);
  offset_ += static_cast<Index>(bytes);
}

void LineReader::TakeLine() {
  line_.clear();
  line_offset_ = offset_;
  bool too_long = false;
  bool complete = false;
  while (!complete && Refill()) {
    const std::size_t length = LengthOfLine(rest_);
    complete = length < rest_.size();
    too_long = too_long || line_.size() + length > kLongestLine;
    if (!too_long) line_.append(rest_.substr(0, length));
    after_carriage_return_ = complete && rest_[length] == '\r';
    Drop(length + (complete ? 1 : 0));
  }
  if (!complete) FailWhereDecodingStopped(CodePoints(line_) + 1);
  if (!too_long) return;
  throw BadData("{}:{}: the line has more than {} bytes; is this the file that was meant?", path(),
                line_number_, kLongestLine);
}

void LineReader::FailWhereDecodingStopped(Index column) {
  if (decoder_ == nullptr || !decoder_->bad_byte()) return;
  const unsigned char byte = *decoder_->bad_byte();
  decoder_.reset();  // so that the error is thrown only once
  FailAtByte(column, byte);
}

void LineReader::CheckLine() {
  if (IsPlainAscii(line_)) return;
  std::string_view rest = line_;
  for (Index column = 1; !rest.empty(); ++column) {
    const std::string_view point = FirstCodePoint(rest);
    if (point.empty()) FailAtByte(column, static_cast<unsigned char>(rest.front()));
    if (rest.front() == '\0') {
      throw BadData(
          "{}:{}: column {} is U+0000, which is in no text; remove it, or if the file is UTF-16, "
          "convert it with `iconv -f UTF-16LE -t UTF-8` (or UTF-16BE)",
          path(), line_number_, column);
    }
    rest.remove_prefix(point.size());
  }
}

void LineReader::FailAtByte(Index column, unsigned char byte) const {
  const std::string files =
      reader_.is_standard_input() ? "" : " " + ShellQuoted(path()) + " > FILE";
  throw BadData(
      "{}:{}: column {} has the byte 0x{:02x}, which is not valid {}; correct the line, or convert "
      "the file from the encoding that it has, for example with `iconv -f ISO-8859-1 -t UTF-8{}` "
      "(where a command has the option, --encoding ISO-8859-1 or --encoding windows-1252)",
      path(), line_number_, column, byte, encoding_, files);
}

}  // namespace lockstep
