#include "base/gzip_lines.h"

#include <sys/stat.h>

#include <cstring>
#include <utility>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // the largest window; + 16: gzip frame with checksum
constexpr unsigned char kGzipMagic[2] = {0x1f, 0x8b};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // of UTF-8, as Windows writes it

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
    : path_(path), file_(std::fopen(path.c_str(), "rb")), input_(kPieceBytes) {
  if (file_ == nullptr) throw MissingInput("cannot open {}: {}", path, ErrnoText());
  file_bytes_ = CheckRegularFile(file_.get(), path);
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);  // input_ is the buffer
  Refill();
  is_gzip_ = zlib_.avail_in >= 2 && std::memcmp(input_.data(), kGzipMagic, 2) == 0;
  if (!is_gzip_) return;
  output_.resize(kPieceBytes);
  if (inflateInit2(&zlib_, kGzipWindowBits) != Z_OK) {
    throw IoError(fmt::format("cannot read {}: zlib cannot start", path));
  }
  in_member_ = true;
}

GzipReader::~GzipReader() {
  if (is_gzip_) inflateEnd(&zlib_);
}

double GzipReader::share_read() const {
  if (file_bytes_ == 0) return 1;
  return static_cast<double>(file_bytes_read_) / static_cast<double>(file_bytes_);
}

void GzipReader::Refill() {
  const std::size_t got = std::fread(input_.data(), 1, input_.size(), file_.get());
  if (got < input_.size() && std::ferror(file_.get()) != 0) {
    throw IoError(
        fmt::format("cannot read {} at byte {}: {}", path_, file_bytes_read_, ErrnoText()));
  }
  file_bytes_read_ += static_cast<Index>(got);
  zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
  zlib_.avail_in = static_cast<uInt>(got);
}

std::span<const char> GzipReader::Next() { return is_gzip_ ? NextInflated() : NextPlain(); }

std::span<const char> GzipReader::NextPlain() {
  if (zlib_.avail_in == 0) Refill();
  return {input_.data(), std::exchange(zlib_.avail_in, 0)};
}

std::span<const char> GzipReader::NextInflated() {
  zlib_.next_out = reinterpret_cast<Bytef*>(output_.data());
  zlib_.avail_out = static_cast<uInt>(output_.size());
  while (zlib_.avail_out == output_.size()) {
    if (zlib_.avail_in == 0) Refill();
    if (!in_member_) {
      if (zlib_.avail_in == 0) return {};
      BeginNextMember();
    }
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
  text_bytes_ += static_cast<Index>(bytes);
  return {output_.data(), bytes};
}

void GzipReader::BeginNextMember() {
  inflateReset(&zlib_);
  in_member_ = true;
}

void GzipReader::FailDamaged(const std::string& problem) const {
  throw BadData(
      "cannot unpack {}: {} at byte {} of the file, after {} bytes of text; copy or "
      "download it again",
      path_, problem, file_bytes_read_ - static_cast<Index>(zlib_.avail_in), text_bytes_);
}

bool LineReader::Next(std::string_view* line) {
  if (rest_.empty()) rest_ = reader_.Next();
  if (rest_.empty()) return false;
  ++line_number_;
  line_.clear();
  // A line may extend over several pieces; the last line of a file may have no line end.
  for (bool complete = false; !complete && !rest_.empty();) {
    const void* end = std::memchr(rest_.data(), '\n', rest_.size());
    complete = end != nullptr;
    const std::size_t length =
        complete ? static_cast<std::size_t>(static_cast<const char*>(end) - rest_.data())
                 : rest_.size();
    Append(rest_.first(length));
    rest_ = rest_.subspan(complete ? length + 1 : length);
    if (rest_.empty() && !complete) rest_ = reader_.Next();
  }
  if (line_.ends_with('\r')) line_.pop_back();
  if (line_number_ == 1 && line_.starts_with(kByteOrderMark)) line_.erase(0, kByteOrderMark.size());
  *line = line_;
  return true;
}

void LineReader::Append(std::span<const char> text) {
  if (line_.size() + text.size() > kLongestLine) {
    throw BadData("{}:{}: a line of more than {} bytes; is this the file that was meant?", path(),
                  line_number_, kLongestLine);
  }
  line_.append(text.data(), text.size());
}

}  // namespace lockstep
