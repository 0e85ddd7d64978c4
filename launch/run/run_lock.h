// Makes sure that a run folder has only one living trainer: if a run is started twice by mistake,
// the second start is refused. The lock works on one host, and on some file systems between hosts;
// when a network is cut, trainer/watch/run_owner.h protects the run. RUN/.lock contains a text that
// says who holds the lock.
#pragma once

#include <string>

namespace lockstep {

class RunLock {
 public:
  // Locks RUN/.lock until the end of the process, however it ends. If another process holds the
  // lock, waits a few seconds, because that process may be about to end: ranks outlive a killed
  // launcher for a moment. If it keeps the lock, throws UsageError that names it; but with
  // `may_share`, for a later start of the same job, which has taken the run already, continues
  // without the lock.
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
