// Errors, divided by who can act on them, and the exit codes that a job script sees.
//   InputError      the user can fix it
//   IoError         the machine failed
//   LOCKSTEP_CHECK  a bug of this program; it aborts
// A message says what was attempted, where (file, record, rank), the value found, the value
// allowed, and what to do next.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace lockstep {

// The values follow sysexits.h where it knows the case. docs/exit_codes.md lists them.
enum class ExitCode : int {
  kDone = 0,
  kUsage = 64,         // wrong command line or configuration
  kBadData = 65,       // the contents of a file are wrong
  kMissingInput = 66,  // a file that was named does not exist
  kInternal = 70,      // our own bug
  kCannotCreate = 73,  // an output cannot be made
  kIo = 74,            // reading or writing failed
  kStopped = 75,       // stopped on request, state saved: run the same command again
  kPeerLost = 76,      // another rank died or stalled: run the same command again
  kSuperseded = 79,    // a later start of the job has taken over the run, which goes on there
  kDiverged = 80,      // training diverged; the last good checkpoint is kept
};

class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// Wrong input or configuration; the message says how to fix it.
class InputError : public Error {
 public:
  using Error::Error;
};

// The machine failed: disk, memory, network.
class IoError : public Error {
 public:
  explicit IoError(const std::string& message, ExitCode code = ExitCode::kIo)
      : Error(code, message) {}
};

template <typename... Args>
InputError UsageError(fmt::format_string<Args...> format, Args&&... args) {
  return InputError(ExitCode::kUsage, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
InputError BadData(fmt::format_string<Args...> format, Args&&... args) {
  return InputError(ExitCode::kBadData, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
InputError MissingInput(fmt::format_string<Args...> format, Args&&... args) {
  return InputError(ExitCode::kMissingInput, fmt::format(format, std::forward<Args>(args)...));
}

// The system's text for the current errno, for example "No such file or directory".
std::string ErrnoText();

namespace internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const std::string& values);
}  // namespace internal

}  // namespace lockstep

// Aborts if a condition does not hold that only a bug of this program can break. LOCKSTEP_CHECK_EQ
// also prints both values.
#define LOCKSTEP_CHECK(condition)                                            \
  do {                                                                       \
    if (!(condition)) [[unlikely]]                                           \
      ::lockstep::internal::CheckFailed(__FILE__, __LINE__, #condition, ""); \
  } while (false)

#define LOCKSTEP_CHECK_EQ(a, b)                                                            \
  do {                                                                                     \
    const auto check_a = (a);                                                              \
    const auto check_b = (b);                                                              \
    if (!(check_a == check_b)) [[unlikely]]                                                \
      ::lockstep::internal::CheckFailed(__FILE__, __LINE__, #a " == " #b,                  \
                                        fmt::format(": {} against {}", check_a, check_b)); \
  } while (false)
