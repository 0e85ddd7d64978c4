#include "base/error.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lockstep {

std::string ErrnoText() { return std::strerror(errno); }

namespace internal {

void CheckFailed(const char* file, int line, const char* condition, const std::string& values) {
  fmt::print(stderr, "{}:{}: check failed: {}{}; this is a bug in lockstep, please report it\n",
             file, line, condition, values);
  std::abort();
}

}  // namespace internal
}  // namespace lockstep
