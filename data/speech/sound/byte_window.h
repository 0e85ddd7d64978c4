// Reads a file at ascending offsets, through a buffer.
#pragma once

#include <string>
#include <string_view>

#include "base/raw_file.h"
#include "base/types.h"

namespace lockstep {

class ByteWindow {
 public:
  explicit ByteWindow(const std::string& path);

  // Up to `count` (at most kMostBytes) bytes from offset `at`, valid until the next call. Fewer
  // only where the file ends; none behind its end.
  std::string_view At(Index at, Index count);
  static constexpr Index kMostBytes = 4096;

  Index size() const { return size_; }
  const std::string& path() const { return file_.path(); }

 private:
  RawFile file_;
  Index size_;
  std::string buffer_;
  Index begin_ = 0;  // offset of the buffer in the file
};

}  // namespace lockstep
