// A file of bytes read and written at given positions, by any number of threads.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/types.h"

namespace lockstep {

class RawFile {
 public:
  // MissingInput when it is not there, IoError when it cannot be opened.
  static RawFile OpenForReading(const std::string& path);
  // An existing file, to be written in place.
  static RawFile OpenForWriting(const std::string& path);
  // A file of zeros without a name: made under `path`, which must not exist, and unlinked at once,
  // so that nothing is left behind, whatever happens.
  static RawFile CreateUnnamed(const std::string& path, Index bytes);

  RawFile(RawFile&& other) noexcept
      : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  RawFile& operator=(RawFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~RawFile();

  Index SizeBytes() const;
  // All of `bytes` from this position on; IoError when the file ends before.
  void ReadAt(Index offset, std::span<std::byte> bytes) const;
  void WriteAt(Index offset, std::span<const std::byte> bytes);

  const std::string& path() const { return path_; }

 private:
  RawFile(std::string path, int flags);
  [[noreturn]] void Fail(const char* attempt, std::size_t bytes, Index offset,
                         const std::string& reason) const;

  std::string path_;
  int fd_;
};

}  // namespace lockstep
