#include "data/music/byte_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 16;

}  // namespace

ByteStream::ByteStream(const RawFile& file, Index begin, Index end, bool is_deflated)
    : file_(file),
      begin_(begin),
      end_(end),
      is_deflated_(is_deflated),
      at_(begin),
      packed_(is_deflated ? kPieceBytes : 0),
      plain_(kPieceBytes) {
  if (is_deflated && inflateInit(&zlib_) != Z_OK) throw std::bad_alloc();
}

ByteStream::~ByteStream() {
  if (is_deflated_) inflateEnd(&zlib_);
}

std::string ByteStream::Place() const {
  return is_deflated_ ? fmt::format("byte {} of what is packed at byte {}", position_, begin_)
                      : fmt::format("byte {}", begin_ + position_);
}

void ByteStream::FailAtEnd() const {
  throw BadData("{}: ends at {}, where more must follow; the file is cut or damaged", path(),
                Place());
}

void ByteStream::Read(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    if (rest_.empty()) Refill();
    const std::size_t count = std::min(bytes.size(), rest_.size());
    std::copy_n(rest_.begin(), count, bytes.begin());
    bytes = bytes.subspan(count);
    rest_ = rest_.subspan(count);
    position_ += static_cast<Index>(count);
  }
}

void ByteStream::Skip(Index bytes) {
  while (bytes > 0) {
    if (rest_.empty()) Refill();
    const Index count = std::min(bytes, static_cast<Index>(rest_.size()));
    rest_ = rest_.subspan(static_cast<std::size_t>(count));
    position_ += count;
    bytes -= count;
  }
}

void ByteStream::Refill() {
  if (is_deflated_) return Inflate();
  const auto count =
      static_cast<std::size_t>(std::min(end_ - at_, static_cast<Index>(kPieceBytes)));
  if (count == 0) FailAtEnd();
  file_.ReadAt(at_, std::span(plain_).first(count));
  at_ += static_cast<Index>(count);
  rest_ = std::span(plain_).first(count);
}

void ByteStream::Inflate() {
  zlib_.next_out = reinterpret_cast<Bytef*>(plain_.data());
  zlib_.avail_out = static_cast<uInt>(plain_.size());
  while (zlib_.avail_out == plain_.size()) {
    if (zlib_.avail_in == 0 && at_ < end_) {
      const auto count =
          static_cast<std::size_t>(std::min(end_ - at_, static_cast<Index>(packed_.size())));
      file_.ReadAt(at_, std::span(packed_).first(count));
      at_ += static_cast<Index>(count);
      zlib_.next_in = reinterpret_cast<Bytef*>(packed_.data());
      zlib_.avail_in = static_cast<uInt>(count);
    }
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      throw BadData(
          "{}: what is packed at byte {} is damaged after {} bytes ({}); copy the file "
          "again",
          path(), begin_, position_, zlib_.msg == nullptr ? "zlib" : zlib_.msg);
    }
    const bool stuck = result == Z_STREAM_END || (zlib_.avail_in == 0 && at_ == end_);
    if (stuck && zlib_.avail_out == plain_.size()) FailAtEnd();
  }
  rest_ = std::span(plain_).first(plain_.size() - zlib_.avail_out);
}

}  // namespace lockstep
