#include "base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/host_name.h"
#include "base/log.h"
#include "base/output_name.h"
#include "base/own_file.h"
#include "base/system_call.h"

namespace lockstep {

FolderLock::FolderLock(const std::string& folder, const std::string& option)
    : folder_(folder), path_(folder + "/.lock"), made_folder_(!IsTaken(folder)) {
  MakeFolder(folder);
  // The owner before may remove the file between opening and locking it here: then the lock is on a
  // file without a name, and keeps nobody out.
  for (bool held = false; !held; held = IsStillThere()) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = OpenOwnFile(path_, O_RDWR | O_CREAT);
    if (Take()) continue;
    const std::string owner = Owner();
    ::close(fd_);
    throw UsageError(
        "cannot write into {}: it is being made by another process ({}); wait for its end, or "
        "choose another {}",
        folder, owner, option);
  }
  SetOwner();
}

FolderLock::~FolderLock() {
  ::unlink(path_.c_str());
  ::close(fd_);
  if (made_folder_) ::rmdir(folder_.c_str());  // fails where something is in it
}

bool FolderLock::Take() {
  if (Uninterrupted([&] { return ::flock(fd_, LOCK_EX | LOCK_NB); }) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  LogWarning("{} cannot be locked ({}): take care that only one import writes into it", folder_,
             ErrnoText());
  return true;
}

bool FolderLock::IsStillThere() const {
  struct stat here {
  }, held{};
  return ::stat(path_.c_str(), &here) == 0 && ::fstat(fd_, &held) == 0 &&
         here.st_ino == held.st_ino && here.st_dev == held.st_dev;
}

// What the owner has written: only for people, so it may be incomplete or old.
std::string FolderLock::Owner() const {
  std::array<char, 300> text{};
  const ssize_t count = ::pread(fd_, text.data(), text.size(), 0);
  if (count <= 0) return "unknown";
  return {text.data(), static_cast<std::size_t>(count)};
}

void FolderLock::SetOwner() const {
  const std::string text = fmt::format("process {} on {}", ::getpid(), HostName());
  const bool works = ::ftruncate(fd_, 0) == 0 && ::pwrite(fd_, text.data(), text.size(), 0) ==
                                                     static_cast<ssize_t>(text.size());
  if (!works) LogWarning("cannot write to {}: {}", path_, ErrnoText());
}

}  // namespace lockstep
