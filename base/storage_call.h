// Calls of the file system as long-lived programs need them: tried again when interrupted, a sign
// of life when they return, and an exception with path and reason when they fail. For files that
// are written once; base/durable_file.h makes whole files of them.
#pragma once

#include <span>
#include <string>

#include "base/rank_status.h"
#include "base/system_call.h"

namespace lockstep {

// Each call that returns is progress, however slow the disk is.
template <typename Call>
auto StorageCall(const Call& call) {
  Status().Beat();
  return Uninterrupted(call);
}

// Opens a file that is there; InputError when it is not, or when no bytes can be behind the name.
int OpenExisting(const std::string& path, int flags);
// Opens a file for writing that must not be there; IoError (kCannotCreate) else.
int CreateNew(const std::string& path);

// A file descriptor that closes itself; Close() reports what the destructor cannot. Its errors are
// IoErrors that name `path`.
class Descriptor {
 public:
  Descriptor(const std::string& path, int fd) : path_(path), fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void Write(std::span<const std::byte> bytes);
  void Sync();
  void Close();
  int fd() const { return fd_; }

 private:
  [[noreturn]] void Fail(const std::string& attempt);
  std::string path_;
  int fd_;
};

}  // namespace lockstep
