#include "data/text/text_pieces.h"

#include <algorithm>

#include "base/error.h"
#include "base/file_kind.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsPlainAscii(std::string_view text) {
  bool plain = true;
  for (const char c : text) plain &= static_cast<signed char>(c) > 0;
  return plain;
}

// The bytes of `text` before its last code point begins if that is cut off, else all.
std::size_t WholeCodePoints(std::string_view text) {
  constexpr std::size_t kMostContinued = 3;
  for (std::size_t back = 1; back <= std::min(text.size(), kMostContinued + 1); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    return length > back ? text.size() - back : text.size();
  }
  return text.size();  // not UTF-8: told by the check
}

}  // namespace

TextPieces::TextPieces(const std::string& path, PieceCut cut, const std::string& encoding)
    : reader_(path), cut_(cut), encoding_(encoding) {
  OpenDecoder();
}

TextPieces::TextPieces(const TextInput& input, PieceCut cut, const std::string& encoding)
    : reader_(input), cut_(cut), encoding_(encoding) {
  OpenDecoder();
}

void TextPieces::OpenDecoder() {
  if (cut_ != PieceCut::kBytes && !IsUtf8Name(encoding_))
    decoder_ = std::make_unique<TextDecoder>(encoding_);
}

// What was read ahead counts as not read.
double TextPieces::share_read() const {
  const auto returned = static_cast<double>(buffer_offset_ + static_cast<Index>(begin_));
  const auto read = static_cast<double>(buffer_offset_ + std::ssize(buffer_));
  return read == 0 ? 0 : reader_.share_read() * returned / read;
}

// Appends the next megabyte of the file to what is left of the text. False at the end.
bool TextPieces::Refill() {
  if (ended_) return false;
  buffer_offset_ += static_cast<Index>(begin_);
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::span<const char> read = reader_.Next();
  ended_ = read.empty();
  const bool first = buffer_offset_ == 0 && buffer_.empty();
  if (decoder_ != nullptr) {
    decoder_->Append(read, &buffer_);
    if (decoder_->bad_byte()) FailAt(buffer_.size(), *decoder_->bad_byte());
  } else {
    if (first && cut_ != PieceCut::kBytes) RefuseWideText(path(), reader_.is_gzip(), read);
    buffer_.append(read.data(), read.size());
  }
  if (first && cut_ != PieceCut::kBytes && buffer_.starts_with(kByteOrderMark))
    begin_ = kByteOrderMark.size();
  return true;
}

// The place of the first line end in buffer_[from, to); `to` if there is none.
std::size_t TextPieces::FindEnd(std::size_t from, std::size_t to) const {
  const auto ends = [this](char c) { return c == '\n' || (c == '\r' && cut_ != PieceCut::kBytes); };
  const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(from);
  const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(to);
  return static_cast<std::size_t>(std::find_if(begin, end, ends) - buffer_.begin());
}

bool TextPieces::Next(Piece* piece) {
  while (buffer_.size() - begin_ <= kMostBytes && Refill()) {
  }
  if (after_carriage_return_ && begin_ < buffer_.size() && buffer_[begin_] == '\n') ++begin_;
  after_carriage_return_ = false;
  if (begin_ == buffer_.size()) {
    if (!line_goes_on_) return false;
    // The file ends without a line end exactly where a piece did.
    *piece = {{}, true, false};
    line_goes_on_ = false;
    return true;
  }
  if (!line_goes_on_) ++line_number_;
  const std::size_t limit = std::min(buffer_.size(), begin_ + kMostBytes);
  const std::size_t end = FindEnd(begin_, limit);
  const std::string_view text = std::string_view(buffer_).substr(begin_, end - begin_);
  const bool is_whole = end < limit || (end == buffer_.size() && ended_);
  piece->text = is_whole ? text : text.substr(0, CutLongLine(text));
  piece->ends_line = is_whole;
  piece->has_end = is_whole && end < limit;
  Check(piece->text);
  begin_ += piece->text.size();
  if (piece->has_end) after_carriage_return_ = buffer_[begin_++] == '\r';
  line_goes_on_ = !is_whole;
  return true;
}

std::size_t TextPieces::CutLongLine(std::string_view text) const {
  if (cut_ == PieceCut::kBytes) return text.size();
  if (cut_ == PieceCut::kCharacters) return WholeCodePoints(text);
  const std::size_t blank = text.find_last_of(" \t");
  if (blank != std::string_view::npos) return blank + 1;
  throw BadData(
      "{}:{}: a word has {} bytes or more; if the text has no blanks between words, `prepare` "
      "reads "
      "it by --tokens characters or bytes",
      path(), line_number_, kMostBytes);
}

void TextPieces::Check(std::string_view text) const {
  if (cut_ == PieceCut::kBytes || IsPlainAscii(text)) return;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view point = FirstCodePoint(rest);
    const auto place = static_cast<std::size_t>(rest.data() - buffer_.data());
    const auto byte = static_cast<unsigned char>(rest.front());
    if (point.empty()) FailAt(place, byte);
    if (byte == 0) {
      throw BadData(
          "{}:{}: byte {} of the text is U+0000, which is in no text; remove it (only `prepare "
          "--tokens bytes` reads it)",
          path(), line_number_, buffer_offset_ + static_cast<Index>(place));
    }
    rest.remove_prefix(point.size());
  }
}

void TextPieces::FailAt(std::size_t place, unsigned char byte) const {
  // A decoder refuses a byte while it reads ahead of the line that was returned last.
  const auto lines = std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                                buffer_.begin() + static_cast<std::ptrdiff_t>(place), '\n');
  const Index line = decoder_ == nullptr ? line_number_ : line_number_ + lines + 1;
  throw BadData(
      "{}:{}: byte {} of the text is 0x{:02x}, which is not valid {}; correct the line, or convert "
      "the file from the encoding that it has (iconv -f ISO-8859-1 -t UTF-8; `prepare` converts "
      "with "
      "--encoding ISO-8859-1 or windows-1252, and reads any byte with --tokens bytes)",
      path(), line, buffer_offset_ + static_cast<Index>(place), byte, encoding_);
}

}  // namespace lockstep
