#include "data/speech/sound/byte_window.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {

ByteWindow::ByteWindow(const std::string& path)
    : file_(RawFile::OpenForReading(path)), size_(file_.SizeBytes()) {}

std::string_view ByteWindow::At(Index at, Index count) {
  constexpr Index kBufferBytes = Index{1} << 16;
  LOCKSTEP_CHECK(count <= kMostBytes);
  count = std::clamp<Index>(size_ - at, 0, count);
  if (count == 0) return {};
  if (at < begin_ || at + count > begin_ + std::ssize(buffer_)) {
    begin_ = at;
    buffer_.resize(static_cast<std::size_t>(std::min(kBufferBytes, size_ - at)));
    file_.ReadAt(begin_, std::as_writable_bytes(std::span(buffer_)));
  }
  return std::string_view(buffer_).substr(static_cast<std::size_t>(at - begin_),
                                          static_cast<std::size_t>(count));
}

}  // namespace lockstep
