#include "base/signal_cleanup.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

namespace lockstep {
namespace {

// Names are never freed, since the handler may be reading one while another thread forgets it: a
// process has few such files.
std::array<std::atomic<const char*>, 64> names;
static_assert(std::atomic<const char*>::is_always_lock_free);
std::atomic<pid_t> owner;
std::mutex mutex;

// Only calls that are async-signal-safe. The default action comes back when all is removed, and not
// before, because a second signal may reach another thread meanwhile; it ends the process as soon
// as the handler returns.
void RemoveAll(int signal) {
  const int kept_errno = errno;
  if (owner == ::getpid()) {
    for (const auto& name : names) {
      const char* const path = name;
      if (path != nullptr) ::unlink(path);
    }
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
  errno = kept_errno;
}

void WatchSignals() {
  struct sigaction remove {};
  remove.sa_handler = RemoveAll;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
      ::sigaction(signal, &remove, nullptr);
  }
}

}  // namespace

void RemoveOnSignal(const std::string& path) {
  const std::lock_guard lock(mutex);
  if (owner != ::getpid()) {  // the first one, or a child, whose names are not its own
    for (auto& name : names) name = nullptr;
    owner = ::getpid();
    WatchSignals();
  }
  for (auto& name : names) {
    if (name != nullptr) continue;
    name = ::strdup(path.c_str());
    return;
  }
}

void KeepOnSignal(const std::string& path) {
  const std::lock_guard lock(mutex);
  for (auto& name : names) {
    const char* const known = name;
    if (known != nullptr && path == known) name = nullptr;
  }
}

}  // namespace lockstep
