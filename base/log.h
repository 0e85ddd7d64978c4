// Log lines for people, on standard error and optionally in a file. Rank 0 prints everything; other
// ranks print warnings and errors only, with their rank in front. On a terminal only warnings and
// errors have a colour, and a live line (base/terminal.h) stays below what is printed. Numbers for
// programs are in metrics.jsonl instead.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace lockstep {

// Must be called once by each process as soon as its rank is known. Before that, the process counts
// as rank 0 of 1.
void InitialiseLog(int rank, int world_size);
// From now on, everything that rank 0 prints is also appended to this file. If it cannot be opened
// or written, or is a symbolic link, a warning says so, once; logging goes on without it.
void AppendLogTo(const std::string& path);

namespace internal {
enum class Severity { kDetail, kInfo, kSharedWarning, kWarning, kError };
void Print(Severity severity, const std::string& line);
}  // namespace internal

// For who looks for it: goes to the file of AppendLogTo only.
template <typename... Args>
void LogDetail(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kDetail, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogInfo(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
// A warning about what all ranks see alike, such as a file that each of them reads: only rank 0
// prints it.
template <typename... Args>
void LogSharedWarning(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kSharedWarning,
                  fmt::format(format, std::forward<Args>(args)...));
}
// A warning that is printed only once by a process, however often it is given: for what is found
// again each time that a file is read.
void LogWarningOnce(const std::string& line);
template <typename... Args>
void LogError(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace lockstep
