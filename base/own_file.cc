#include "base/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <random>

#include "base/error.h"
#include "base/system_call.h"

namespace lockstep {
namespace {

constexpr std::size_t kLongestName = 140;  // bytes of `name` that are kept; 255 are allowed in all
constexpr const char* kRemedy = "move it away, and run the same command again";

std::uint64_t RandomBits() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

bool IsLink(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

// Throws an error for the current errno.
[[noreturn]] void FailToOpen(const std::string& path) {
  const std::string reason = ErrnoText();
  const bool in_the_way = errno == ENXIO || errno == EISDIR;
  if (IsLink(path)) {
    throw IoError(fmt::format("cannot open {}: it is a symbolic link, and links are not followed "
                              "there, as others could have put them; {}",
                              path, kRemedy),
                  ExitCode::kCannotCreate);
  }
  throw IoError(fmt::format("cannot open {}: {}{}{}", path, reason, in_the_way ? "; " : "",
                            in_the_way ? kRemedy : ""),
                ExitCode::kCannotCreate);
}

}  // namespace

std::string TemporaryPath(const std::string& path) {
  static std::atomic<int> counter{0};
  const std::filesystem::path target(path);
  std::string name = target.filename().string();
  if (name.size() > kLongestName) name.erase(0, name.size() - kLongestName);
  name = fmt::format(".tmp-{}-{}-{}-{}", ::getpid(), RandomBits(), counter++, name);
  return (target.parent_path() / name).string();
}

int OpenOwnFile(const std::string& path, int flags) {
  const int all = flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const int fd = Uninterrupted([&] { return ::open(path.c_str(), all, 0666); });
  if (fd < 0) FailToOpen(path);
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) return fd;
  ::close(fd);
  throw IoError(fmt::format("cannot open {}: it is no regular file; {}", path, kRemedy),
                ExitCode::kCannotCreate);
}

std::string CreateTemporary(const std::string& path) {
  std::string temporary = TemporaryPath(path);
  ::close(OpenOwnFile(temporary, O_WRONLY | O_CREAT | O_EXCL));
  return temporary;
}

}  // namespace lockstep
