#include "base/raw_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/input_file.h"
#include "base/storage_call.h"
#include "base/system_call.h"

namespace lockstep {

namespace {

int CreateExclusively(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  const int fd = Uninterrupted([&] { return ::open(path.c_str(), kFlags, 0600); });
  if (fd >= 0) return fd;
  throw IoError(fmt::format("cannot create {}: {}", path, ErrnoText()), ExitCode::kCannotCreate);
}

}  // namespace

RawFile RawFile::OpenForReading(const std::string& path) { return RawFile(path, OpenInput(path)); }

RawFile RawFile::OpenInside(const std::string& folder, const std::string& name) {
  RefuseLinkOutside(folder, name);
  return OpenForReading(folder + "/" + name);
}

RawFile RawFile::OpenForWriting(const std::string& path) {
  return RawFile(path, OpenExisting(path, O_RDWR));
}

RawFile RawFile::CreateUnnamed(const std::string& path, Index bytes) {
  RawFile file(path, CreateExclusively(path));
  ::unlink(path.c_str());
  if (::ftruncate(file.fd_, bytes) != 0) {
    file.Fail("make room for", static_cast<std::size_t>(bytes), 0, ErrnoText());
  }
  return file;
}

RawFile::~RawFile() {
  if (fd_ >= 0) ::close(fd_);
}

Index RawFile::SizeBytes() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) Fail("measure", 0, 0, ErrnoText());
  return status.st_size;
}

void RawFile::ReadAt(Index offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got =
        PatientRead(path_, [&] { return ::pread(fd_, bytes.data(), bytes.size(), offset); });
    if (got <= 0) Fail("read", bytes.size(), offset, got == 0 ? "the file ends" : ErrnoText());
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += got;
  }
}

void RawFile::WriteAt(Index offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        Uninterrupted([&] { return ::pwrite(fd_, bytes.data(), bytes.size(), offset); });
    if (put < 0) Fail("write", bytes.size(), offset, ErrnoText());
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += put;
  }
}

void RawFile::Fail(const char* attempt, std::size_t bytes, Index offset,
                   const std::string& reason) const {
  throw IoError(fmt::format("cannot {} {} bytes at offset {} of {}: {}", attempt, bytes, offset,
                            path_, reason));
}

}  // namespace lockstep
