// One run folder has one living trainer on a host. (Two hosts at once need more: a lock that
// survives a cut network does not exist.)
#pragma once

#include <string>

namespace lockstep {

class RunLock {
 public:
  // Locks RUN/.lock until the end of the process, however it ends. UsageError when another process
  // has it.
  explicit RunLock(const std::string& run_folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int fd_;
};

}  // namespace lockstep
