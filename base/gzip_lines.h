// Reads text files, plain or gzip (with any number of members, as bgzip makes them), in pieces or
// in lines, with constant memory. Whether a file is gzip is decided by its first bytes, not its
// name.
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

  // MissingInput if the file does not exist; UsageError if it is not a regular file, because
  // importers read their files twice.
  explicit GzipReader(const std::string& path);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // The next piece of text, with 1 to kPieceBytes bytes, valid until the next call; empty at the
  // end. BadData that names file and offset if the gzip stream is cut short or damaged.
  std::span<const char> Next();

  const std::string& path() const { return path_; }
  // How much of the file has been read, from 0 to 1, for progress.
  double share_read() const;

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
  z_stream zlib_{};  // next_in and avail_in are the unread rest of input_, also for plain text
  bool is_gzip_ = false;
  bool in_member_ = false;
  Index file_bytes_read_ = 0;
  Index file_bytes_ = 0;
  Index text_bytes_ = 0;
};

class LineReader {
 public:
  // A longer line is BadData: the file is then not the text that it should be.
  static constexpr std::size_t kLongestLine = std::size_t{1} << 20;

  explicit LineReader(const std::string& path) : reader_(path) {}

  // Sets `line` to the next line without its end ("\n" or "\r\n"), valid until the next call.
  // Returns false at the end of the file. Skips a UTF-8 byte order mark before the first line.
  bool Next(std::string_view* line);
  // The number of the line that Next returned last; the first line has number 1.
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
