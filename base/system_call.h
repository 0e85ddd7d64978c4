// Repeats system calls that were interrupted by a signal, and reads that failed because of a short
// disturbance of a disk or a network.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <string>

namespace lockstep {

// Repeats a call as long as a signal interrupts it (it returns -1 with EINTR). Returns its result,
// with errno set by the call. Not for close(): Linux closes the file even if it is interrupted.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

namespace internal {
// Called after `failures` failed tries. If the error in errno may be temporary and there have been
// few tries, warns, waits a little and returns true; otherwise returns false. Keeps errno.
bool WaitForDisk(const std::string& path, int failures);
}  // namespace internal

// Calls `read`, which returns the number of bytes read, or -1 with errno. If disk or network fail
// (EIO, ESTALE), tries again up to three times within about a second, each time with a warning.
// Allocates nothing if the first try succeeds.
template <typename Call>
ssize_t PatientRead(const std::string& path, Call read) {
  ssize_t result = Uninterrupted(read);
  for (int failures = 1; result < 0 && internal::WaitForDisk(path, failures); ++failures) {
    result = Uninterrupted(read);
  }
  return result;
}

}  // namespace lockstep
