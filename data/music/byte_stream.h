// A part of a file as a stream of bytes, as it is or inflated (zlib), with constant memory.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/raw_file.h"
#include "base/types.h"

namespace lockstep {

class ByteStream {
 public:
  // The bytes [begin, end) of the file, which must be in it and outlive the stream.
  ByteStream(const RawFile& file, Index begin, Index end, bool is_deflated);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Reads all of `bytes`. BadData that names file and byte if the stream ends before, or if the
  // deflated bytes are damaged.
  void Read(std::span<std::byte> bytes);
  void Skip(Index bytes);
  // Bytes of the stream that have been read.
  Index position() const { return position_; }
  // Where the next byte is: "byte 17", or "byte 17 of what is packed at byte 128".
  std::string Place() const;
  const std::string& path() const { return file_.path(); }

 private:
  void Refill();
  void Inflate();
  [[noreturn]] void FailAtEnd() const;

  const RawFile& file_;
  const Index begin_, end_;
  const bool is_deflated_;
  Index at_;  // of the file, behind what is in packed_ or plain_
  Index position_ = 0;
  z_stream zlib_{};
  std::vector<std::byte> packed_;
  std::vector<std::byte> plain_;
  std::span<const std::byte> rest_;  // of plain_
};

}  // namespace lockstep
