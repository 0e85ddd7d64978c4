// One run folder has one living trainer on a host. (Two hosts at once need more: a lock that
// survives a cut network does not exist.) RUN/.lock says in words who it is.
#pragma once

#include <string>

namespace lockstep {

class RunLock {
 public:
  // Locks RUN/.lock until the end of the process, however it ends. Waits a few seconds for another
  // one that has it, which may be on its way out: ranks outlive a killed launcher by a moment.
  // UsageError naming the owner when it stays.
  explicit RunLock(const std::string& run_folder);
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
