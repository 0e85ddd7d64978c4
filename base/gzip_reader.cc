#include "base/gzip_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/file_kind.h"
#include "base/log.h"
#include "base/shell_word.h"
#include "base/system_call.h"

namespace lockstep {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // the largest window; + 16: gzip frame with checksum
constexpr unsigned char kGzipMagic[2] = {0x1f, 0x8b};

// A pipe without a writer would keep a plain open waiting for one; it is refused afterwards.
std::FILE* OpenWithoutWaiting(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  std::FILE* const file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "rb");
  if (file != nullptr) return file;
  const std::string why = ErrnoText();
  if (descriptor >= 0) ::close(descriptor);
  throw MissingInput("cannot open {}: {}", path, why);
}

// Closing it leaves standard input open.
std::FILE* OpenStandardInput() {
  const int descriptor = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  std::FILE* const file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "rb");
  if (file != nullptr) return file;
  throw MissingInput("cannot read standard input: {}", ErrnoText());
}

// Returns the size of the file.
Index CheckRegularFile(std::FILE* file, const std::string& path) {
  struct stat status {};
  if (::fstat(::fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw UsageError(
        "cannot read {}: it is no regular file; files are read twice, so give no pipe "
        "or folder",
        path);
  }
  return status.st_size;
}

}  // namespace

GzipReader::GzipReader(const std::string& path)
    : path_(path), file_(OpenWithoutWaiting(path)), input_(kPieceBytes) {
  file_bytes_ = CheckRegularFile(file_.get(), path);
  Begin();
}

GzipReader::GzipReader(const TextInput& input) : path_(input.path), input_(kPieceBytes) {
  is_pipe_ = input.is_standard_input();
  if (is_pipe_) path_ = "standard input";
  file_.reset(is_pipe_ ? OpenStandardInput() : OpenWithoutWaiting(path_));
  if (!is_pipe_) file_bytes_ = CheckRegularFile(file_.get(), path_);
  Begin();
}

void GzipReader::Begin() {
  constexpr uInt kMostMark = 4;  // bytes of a byte order mark, and more than the mark of gzip
  for (uInt before = 0; zlib_.avail_in < kMostMark; before = zlib_.avail_in) {
    Refill();
    if (zlib_.avail_in == before) break;  // the end
  }
  is_gzip_ = zlib_.avail_in >= 2 && std::memcmp(input_.data(), kGzipMagic, 2) == 0;
  if (!is_gzip_) {
    RefuseKind(path_, FileKindOf({input_.data(), zlib_.avail_in}));
    return;
  }
  output_.resize(kPieceBytes);
  if (inflateInit2(&zlib_, kGzipWindowBits) != Z_OK) {
    throw IoError(fmt::format("cannot read {}: zlib cannot start", path_));
  }
  in_member_ = true;
}

GzipReader::~GzipReader() {
  if (is_gzip_) inflateEnd(&zlib_);
}

double GzipReader::share_read() const {
  if (is_pipe_) return -1;
  if (file_bytes_ == 0) return 1;
  return static_cast<double>(file_bytes_read_) / static_cast<double>(file_bytes_);
}

bool GzipReader::MayWait() const {
  if (!is_pipe_ || ended_ || zlib_.avail_in > 0) return false;
  pollfd input{::fileno(file_.get()), POLLIN, 0};
  return Uninterrupted([&] { return ::poll(&input, 1, 0); }) == 0;
}

// Fills `bytes`, but for the end of the file. A pipe gives what has come.
std::size_t GzipReader::Read(std::span<char> bytes) {
  std::size_t got = 0;
  do {
    const std::span<char> rest = bytes.subspan(got);
    const ssize_t read =
        Uninterrupted([&] { return ::read(::fileno(file_.get()), rest.data(), rest.size()); });
    if (read < 0) {
      throw IoError(
          fmt::format("cannot read {} at byte {}: {}", path_, file_bytes_read_, ErrnoText()));
    }
    if (read == 0) break;
    got += static_cast<std::size_t>(read);
    file_bytes_read_ += read;
  } while (!is_pipe_ && got < bytes.size());
  return got;
}

// Reads more bytes of the file after the unread ones, which must be few.
void GzipReader::Refill() {
  const std::size_t kept = zlib_.avail_in;
  if (kept > 0) std::memmove(input_.data(), zlib_.next_in, kept);
  zlib_.avail_in = static_cast<uInt>(kept + Read(std::span(input_).subspan(kept)));
  zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
}

std::span<const char> GzipReader::Next() { return is_gzip_ ? NextInflated() : NextPlain(); }

std::span<const char> GzipReader::NextPlain() {
  if (zlib_.avail_in == 0) Refill();
  return {input_.data(), std::exchange(zlib_.avail_in, 0)};
}

std::span<const char> GzipReader::NextInflated() {
  zlib_.next_out = reinterpret_cast<Bytef*>(output_.data());
  zlib_.avail_out = static_cast<uInt>(output_.size());
  // The first piece must show what the text is, however short the members are.
  const std::size_t wanted = text_bytes_ == 0 ? kFileKindBytes : 1;
  while (output_.size() - zlib_.avail_out < wanted && !ended_) {
    if (!in_member_ && !BeginNextMember()) break;
    if (zlib_.avail_in == 0) Refill();
    if (zlib_.avail_in == 0) {
      FailDamaged("the gzip stream ends early: the file is cut short");
    }
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      in_member_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      FailDamaged(zlib_.msg != nullptr ? zlib_.msg : "the gzip stream is damaged");
    }
  }
  const std::size_t bytes = output_.size() - zlib_.avail_out;
  if (text_bytes_ == 0) RefuseKind(path_, FileKindOf({output_.data(), bytes}));
  text_bytes_ += static_cast<Index>(bytes);
  return {output_.data(), bytes};
}

// Returns false if the text ends here: at the end of the file, or where no other member begins.
bool GzipReader::BeginNextMember() {
  const Index padding_begin = file_bytes_read_ - static_cast<Index>(zlib_.avail_in);
  SkipZeros();
  if (zlib_.avail_in < sizeof kGzipMagic) Refill();
  const std::size_t compared = std::min<std::size_t>(zlib_.avail_in, sizeof kGzipMagic);
  if (compared > 0 && std::memcmp(zlib_.next_in, kGzipMagic, compared) == 0) {
    inflateReset(&zlib_);
    return in_member_ = true;
  }
  ended_ = true;
  TellWhatIsLeftOut(file_bytes_read_ - static_cast<Index>(zlib_.avail_in) - padding_begin);
  return false;
}

void GzipReader::TellWhatIsLeftOut(Index padding_bytes) const {
  if (zlib_.avail_in > 0) {
    LogWarningOnce(fmt::format(
        "{}: what follows from byte {} on, after {} bytes of text, is no gzip and is left out, as "
        "gzip itself does; `zcat {} | gzip > FILE` makes a file without it",
        path_, file_bytes_read_ - static_cast<Index>(zlib_.avail_in) + 1,
        text_bytes_ + static_cast<Index>(output_.size() - zlib_.avail_out), ShellQuoted(path_)));
  } else if (padding_bytes > 0) {
    LogWarningOnce(
        fmt::format("{}: passed over {} zero bytes after the gzip data", path_, padding_bytes));
  }
}

void GzipReader::SkipZeros() {
  while (true) {
    if (zlib_.avail_in == 0) Refill();
    if (zlib_.avail_in == 0 || *zlib_.next_in != 0) return;
    ++zlib_.next_in;
    --zlib_.avail_in;
  }
}

void GzipReader::FailDamaged(const std::string& problem) const {
  throw BadData(
      "cannot unpack {}: {} at byte {} of the file, after {} bytes of text; copy or "
      "download it again",
      path_, problem, file_bytes_read_ - static_cast<Index>(zlib_.avail_in), text_bytes_);
}

}  // namespace lockstep
