#include "base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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
