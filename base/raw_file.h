// A file whose bytes are read and written at given offsets, by any number of threads.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/types.h"

namespace lockstep {

class RawFile {
 public:
  // Errors are those of OpenInput (base/input_file.h).
  static RawFile OpenForReading(const std::string& path);
  // The file `name` of the folder, but no link out of it: RefuseLinkOutside (base/input_file.h).
  static RawFile OpenInside(const std::string& folder, const std::string& name);
  // Opens an existing file, to write in place.
  static RawFile OpenForWriting(const std::string& path);
  // Makes a file of zeros without a name. It is created as `path`, which must not exist, and
  // unlinked at once, so that nothing remains, whatever happens to this process.
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
  // Read and write all of `bytes`, beginning at byte `offset` of the file. ReadAt throws IoError if
  // the file ends earlier.
  void ReadAt(Index offset, std::span<std::byte> bytes) const;
  void WriteAt(Index offset, std::span<const std::byte> bytes);

  const std::string& path() const { return path_; }

 private:
  RawFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  [[noreturn]] void Fail(const char* attempt, std::size_t bytes, Index offset,
                         const std::string& reason) const;

  std::string path_;
  int fd_;
};

}  // namespace lockstep
