#include "base/system_call.h"

#include <chrono>
#include <iterator>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "base/rank_status.h"

namespace lockstep::internal {

bool WaitForDisk(const std::string& path, int failures) {
  constexpr std::chrono::milliseconds kPauses[] = {std::chrono::milliseconds(10),
                                                   std::chrono::milliseconds(100),
                                                   std::chrono::milliseconds(1000)};
  const int reason = errno;
  const bool may_pass = reason == EIO || reason == ESTALE;
  if (!may_pass || failures > static_cast<int>(std::size(kPauses))) return false;
  LogWarning("reading {} failed ({}); trying again", path, ErrnoText());
  std::this_thread::sleep_for(kPauses[failures - 1]);
  Status().Beat();  // waiting for the disk is not a stall
  errno = reason;
  return true;
}

}  // namespace lockstep::internal
