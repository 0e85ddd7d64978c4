#include "base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "base/storage_call.h"

namespace lockstep {

int OpenInput(const std::string& path) {
  const int fd = OpenExisting(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) return fd;
  ::close(fd);
  throw BadData("cannot read {}: it is no regular file; give no folder, pipe or device", path);
}

void RefuseLinkOutside(const std::string& folder, const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(folder) / name;
  std::error_code error;
  if (!fs::is_symlink(path, error)) return;
  const fs::path root = fs::weakly_canonical(folder, error);
  const fs::path inside = fs::weakly_canonical(path, error).lexically_relative(root);
  if (!error && !inside.empty() && *inside.begin() != "..") return;
  throw BadData(
      "cannot read {}: it is a symbolic link that leads out of its folder, and is not followed; "
      "put "
      "a copy of the file in its place, or link the folder as a whole",
      path.string());
}

std::string FirstBytes(const std::string& path, std::size_t count) {
  const Descriptor file(path, OpenInput(path));
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got =
        PatientRead(path, [&] { return ::read(file.fd(), bytes.data() + done, count - done); });
    if (got < 0) throw IoError(fmt::format("cannot read {}: {}", path, ErrnoText()));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

void RequireRegularFile(const std::string& path) { ::close(OpenInput(path)); }

}  // namespace lockstep
