#include "base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/error.h"

namespace lockstep {
namespace {

// A file descriptor that closes itself; Close() reports what the destructor cannot.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ >= 0) return;
    const int reason = errno;
    const bool creates = (flags & O_CREAT) != 0;
    const std::string message =
        fmt::format("cannot {} {}: {}", creates ? "create" : "open", path, ErrnoText());
    if (!creates && reason == ENOENT) throw InputError(ExitCode::kMissingInput, message);
    throw IoError(message, creates ? ExitCode::kCannotCreate : ExitCode::kIo);
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void Write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) Fail(fmt::format("write {} bytes to", bytes.size()));
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }
  // A failed fsync is never tried again: the kernel may have dropped the pages already.
  void Sync() {
    if (::fsync(fd_) != 0) Fail("fsync");
  }
  void Close() {
    if (::close(std::exchange(fd_, -1)) != 0) Fail("close");
  }
  int fd() const { return fd_; }

 private:
  [[noreturn]] void Fail(const std::string& attempt) {
    throw IoError(fmt::format("cannot {} {}: {}", attempt, path_, ErrnoText()));
  }
  std::string path_;
  int fd_;
};

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

void SyncFolder(const std::string& path) {
  Descriptor folder(FolderOf(path), O_RDONLY | O_DIRECTORY);
  folder.Sync();
  folder.Close();
}

// link + unlink instead of renameat2(RENAME_NOREPLACE): network file systems lack the latter.
void RenameWithoutReplacing(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) {
    throw IoError(fmt::format("cannot rename {} to {}: {}", from, to, ErrnoText()),
                  ExitCode::kCannotCreate);
  }
  ::unlink(from.c_str());
}

std::string TemporaryPath(const std::string& path) {
  static std::atomic<int> counter{0};
  const std::filesystem::path target(path);
  const std::string name =
      fmt::format(".tmp-{}-{}-{}", ::getpid(), counter++, target.filename().string());
  return (target.parent_path() / name).string();
}

std::string WriteTemporary(const std::string& path,
                           std::span<const std::span<const std::byte>> pieces) {
  const std::string temporary = TemporaryPath(path);
  try {
    Descriptor file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    for (std::span<const std::byte> piece : pieces) file.Write(piece);
    file.Sync();
    file.Close();
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  return temporary;
}

}  // namespace

void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces) {
  const std::string temporary = WriteTemporary(path, pieces);
  try {
    RenameWithoutReplacing(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  SyncFolder(path);
}

void WriteDurably(const std::string& path, const std::string& text) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  WriteDurably(path, std::span(&piece, 1));
}

void ReplaceDurably(const std::string& path, const std::string& text) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  const std::string temporary = WriteTemporary(path, std::span(&piece, 1));
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string reason = ErrnoText();
    ::unlink(temporary.c_str());
    throw IoError(fmt::format("cannot rename {} to {}: {}", temporary, path, reason));
  }
  SyncFolder(path);
}

void PublishFile(const std::string& temporary_path, const std::string& path) {
  Descriptor file(temporary_path, O_RDONLY);
  file.Sync();
  file.Close();
  RenameWithoutReplacing(temporary_path, path);
  SyncFolder(path);
}

void MakeFolder(const std::string& path) {
  std::error_code error, ignored;
  std::vector<std::string> missing;
  for (std::filesystem::path p = path; !p.empty() && !std::filesystem::exists(p, ignored);
       p = p.parent_path()) {
    missing.push_back(p.string());
  }
  std::filesystem::create_directories(path, error);
  if (!std::filesystem::is_directory(path, ignored)) {
    throw IoError(fmt::format("cannot make folder {}: {}", path,
                              error ? error.message() : "a file of that name is in the way"),
                  ExitCode::kCannotCreate);
  }
  // A durable file in a folder whose own entry is lost in a power cut would be lost too.
  for (const std::string& made : missing) SyncFolder(made);
}

std::vector<std::byte> ReadBytes(const std::string& path) {
  Descriptor file(path, O_RDONLY | O_NONBLOCK);  // a named pipe must not make it wait for a writer
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw BadData("cannot read {}: it is no regular file", path);
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(file.fd(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw IoError(fmt::format("cannot read {}: {}", path, ErrnoText()));
    if (got == 0) break;  // shorter than it was: whoever reads the bytes will notice
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::string ReadTextFile(const std::string& path) {
  const std::vector<std::byte> bytes = ReadBytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace lockstep
