// What a system call needs that may be interrupted, and a read from a disk or network that may
// stumble.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <string>

namespace lockstep {

// Repeats a call that a signal interrupted (-1 and EINTR); gives its result, with errno. Not for
// close: Linux has closed the file then.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

namespace internal {
// After `failures` failed tries, whether errno (kept) may pass: says so and waits a little.
bool WaitForDisk(const std::string& path, int failures);
}  // namespace internal

// A read (bytes read, or -1 and errno) that is tried again when disk or network fail (EIO, ESTALE):
// three times within about a second, each with a warning. Allocates nothing when all is well.
template <typename Call>
ssize_t PatientRead(const std::string& path, Call read) {
  ssize_t result = Uninterrupted(read);
  for (int failures = 1; result < 0 && internal::WaitForDisk(path, failures); ++failures) {
    result = Uninterrupted(read);
  }
  return result;
}

}  // namespace lockstep
