#include "base/storage_call.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/error.h"

namespace lockstep {

int OpenExisting(const std::string& path, int flags) {
  const int fd = StorageCall([&] { return ::open(path.c_str(), flags | O_CLOEXEC); });
  if (fd >= 0) return fd;
  const int reason = errno;
  const std::string message = fmt::format("cannot open {}: {}", path, ErrnoText());
  if (reason == ENOENT) throw InputError(ExitCode::kMissingInput, message);
  // A link that leads to itself, a socket: no failing disk.
  if (reason == ELOOP || reason == ENXIO) throw InputError(ExitCode::kBadData, message);
  throw IoError(message);
}

int CreateNew(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int fd = StorageCall([&] { return ::open(path.c_str(), kFlags, 0666); });
  if (fd >= 0) return fd;
  throw IoError(fmt::format("cannot create {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

void Descriptor::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = StorageCall([&] { return ::write(fd_, bytes.data(), bytes.size()); });
    if (written < 0) Fail(fmt::format("write {} bytes to", bytes.size()));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

// A failed fsync is never tried again: the kernel may have dropped the pages already.
void Descriptor::Sync() {
  if (StorageCall([&] { return ::fsync(fd_); }) != 0) Fail("fsync");
}

// An interrupted close has closed the file, and what it holds was synced before.
void Descriptor::Close() {
  Status().Beat();
  if (::close(std::exchange(fd_, -1)) != 0 && errno != EINTR) Fail("close");
}

void Descriptor::Fail(const std::string& attempt) {
  throw IoError(fmt::format("cannot {} {}: {}", attempt, path_, ErrnoText()));
}

}  // namespace lockstep
