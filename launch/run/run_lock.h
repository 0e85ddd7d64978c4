// One run folder has one living trainer: started twice by mistake, the second is refused. A lock
// holds on one host, on some file systems across hosts; what holds when a network was cut is
// trainer/watch/run_owner.h. RUN/.lock says in words who it is.
#pragma once

#include <string>

namespace lockstep {

class RunLock {
 public:
  // Locks RUN/.lock until the end of the process, however it ends. Waits a few seconds for another
  // one that has it, which may be on its way out: ranks outlive a killed launcher by a moment.
  // UsageError naming the owner when it stays; a later start of the same job (`may_share`), which
  // has taken the run already, then goes on without the lock.
  explicit RunLock(const std::string& run_folder, bool may_share = false);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  bool Try();
  bool TryPatiently(const std::string& run_folder);
  std::string Owner() const;
  void SetOwner();

  int fd_;
};

}  // namespace lockstep
