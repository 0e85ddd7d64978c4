// Reads text files, plain or gzip (with any number of members, as bgzip makes them), in pieces,
// with constant memory. Whether a file is gzip is decided by its first bytes, not its name; files
// of other kinds are refused by name (base/file_kind.h), packed in gzip or not.
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

// A text that the user names and that is read once: a file, or standard input if it is "-".
struct TextInput {
  std::string path;
  bool is_standard_input() const { return path == "-"; }
};

class GzipReader {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

  // MissingInput if the file does not exist; UsageError if it is not a regular file, because
  // importers read their files twice; BadData if it is an archive, a page of HTML or the like.
  explicit GzipReader(const std::string& path);
  // Standard input gives what has come, so that the first piece, too, may be as short as 4 bytes.
  explicit GzipReader(const TextInput& input);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // The next piece of text, with 1 to kPieceBytes bytes, valid until the next call; empty at the
  // end. The first piece has kFileKindBytes or more, unless it is all of the text. BadData that
  // names file and offset if the gzip stream is cut short or damaged. Zeros after gzip data, which
  // tapes and block devices leave, and other bytes that are no gzip are not text: the text ends
  // there, as it does for gzip itself, and a warning says so once.
  std::span<const char> Next();

  // Whether Next would wait, because standard input has neither bytes nor its end yet.
  bool MayWait() const;

  const std::string& path() const { return path_; }
  // How much of the file has been read, from 0 to 1, for progress; -1 for standard input.
  double share_read() const;
  bool is_gzip() const { return is_gzip_; }
  bool is_standard_input() const { return is_pipe_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void Begin();
  std::size_t Read(std::span<char> bytes);
  void Refill();
  std::span<const char> NextPlain();
  std::span<const char> NextInflated();
  bool BeginNextMember();
  void TellWhatIsLeftOut(Index padding_bytes) const;
  void SkipZeros();
  [[noreturn]] void FailDamaged(const std::string& problem) const;

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::vector<char> input_;
  std::vector<char> output_;
  z_stream zlib_{};       // next_in and avail_in are the unread rest of input_, also for plain text
  bool is_pipe_ = false;  // standard input, whatever it is
  bool is_gzip_ = false;
  bool in_member_ = false;
  Index file_bytes_read_ = 0;
  Index file_bytes_ = 0;
  Index text_bytes_ = 0;
  bool ended_ = false;  // what follows in the file is no gzip
};

}  // namespace lockstep
