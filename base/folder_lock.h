// Lets only one living process make a folder, so that two imports into one folder that are started
// by mistake do not mix their files. Works between the processes of a host, and on file systems
// that have such locks also between hosts. A process that has died holds nothing: what it left does
// not stop the next one.
#pragma once

#include <string>

namespace lockstep {

class FolderLock {
 public:
  // Makes the folder if it does not exist, and locks `folder`/.lock. If another process holds the
  // lock, throws UsageError that names it; `option` is the one with which the user named the
  // folder. On a file system without locks, warns and continues.
  FolderLock(const std::string& folder, const std::string& option);
  // Removes the lock, and the folder if this made it and nothing else is in it.
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  bool Take();
  bool IsStillThere() const;
  std::string Owner() const;
  void SetOwner() const;

  const std::string folder_;
  const std::string path_;
  bool made_folder_ = false;
  int fd_ = -1;
};

}  // namespace lockstep
