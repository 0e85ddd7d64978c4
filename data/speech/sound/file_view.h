// A file as libsndfile is to see it: other bytes in place of its first ones. With that, a header
// that does not give the length of the sound can be replaced by one that does, without a copy of
// the file.
#pragma once

#include <sndfile.h>

#include <string>

#include "base/raw_file.h"
#include "base/types.h"

namespace lockstep {

// The view consists of `head`, followed by the bytes [begin, end) of the file.
struct ViewBounds {
  std::string head;
  Index begin = 0;
  Index end = 0;
};

class FileView {
 public:
  FileView(const std::string& path, ViewBounds bounds)
      : file_(RawFile::OpenForReading(path)), bounds_(std::move(bounds)) {}
  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;

  // Opens the view. It must live, at the same address, as long as the file that is returned.
  SNDFILE* OpenSound(SF_INFO* info);

 private:
  static sf_count_t Size(void* view);
  static sf_count_t Seek(sf_count_t offset, int whence, void* view);
  static sf_count_t Read(void* bytes, sf_count_t count, void* view);
  static sf_count_t Write(const void* bytes, sf_count_t count, void* view);
  static sf_count_t Tell(void* view);

  Index bytes() const {
    return static_cast<Index>(bounds_.head.size()) + bounds_.end - bounds_.begin;
  }
  Index ReadHere(std::span<std::byte> bytes) const;

  RawFile file_;
  ViewBounds bounds_;
  Index position_ = 0;
};

}  // namespace lockstep
