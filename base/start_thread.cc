#include "base/start_thread.h"

#include <sys/resource.h>

#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace lockstep {
namespace {

// " (`ulimit -u` allows this user 512 processes and threads)", or nothing where there is no limit.
std::string UserLimit() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return "";
  return fmt::format(" (`ulimit -u` allows this user {} processes and threads)", limit.rlim_cur);
}

}  // namespace

std::thread StartThread(std::function<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error& error) {
    throw IoError(fmt::format(
        "cannot start another thread: {}{}; give fewer --threads (train: train.threads) or fewer "
        "ranks on this host, or raise the limit of the user, the container or the job",
        error.code().message(), UserLimit()));
  }
}

}  // namespace lockstep
