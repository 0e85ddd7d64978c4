// Text files, plain or gzip (of any number of members, as bgzip makes them), read in pieces or in
// lines with constant memory. What the file is shows from its first bytes, not from its name.
#pragma once

#include <zlib.h>

#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace lockstep {

class GzipReader {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

  // MissingInput when the file is not there; UsageError when it is no regular file, because
  // importers read their files twice.
  explicit GzipReader(const std::string& path);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // The next piece of text, 1 .. kPieceBytes long, valid until the next call; empty at the end.
  // BadData names file and offset when the gzip stream is cut short or damaged.
  std::span<const char> Next();

  const std::string& path() const { return path_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void Refill();
  std::span<const char> NextPlain();
  std::span<const char> NextInflated();
  void BeginNextMember();
  [[noreturn]] void FailDamaged(const std::string& problem) const;

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::vector<char> input_;
  std::vector<char> output_;
  z_stream zlib_{};  // next_in/avail_in also count what of input_ is left for plain text
  bool is_gzip_ = false;
  bool in_member_ = false;
  Index file_bytes_read_ = 0;
  Index text_bytes_ = 0;
};

class LineReader {
 public:
  // Longer lines are BadData: the file is not what it was taken for.
  static constexpr std::size_t kLongestLine = std::size_t{1} << 20;

  explicit LineReader(const std::string& path) : reader_(path) {}

  // The next line without its end ("\n" or "\r\n"), valid until the next call; false at the end.
  // A byte order mark of UTF-8 before the first line is left out.
  bool Next(std::string_view* line);
  // Of the line that Next gave last; the first is 1.
  Index line_number() const { return line_number_; }
  const std::string& path() const { return reader_.path(); }

 private:
  void Append(std::span<const char> text);

  GzipReader reader_;
  std::span<const char> rest_;
  std::string line_;
  Index line_number_ = 0;
};

}  // namespace lockstep
