// Lines for people, on standard error and optionally in a file. Rank 0 speaks; other ranks print
// warnings and errors only, with their rank in front. Numbers for programs go to metrics.jsonl.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace lockstep {

// Called once by each process as soon as its rank is known; before that it counts as rank 0 of 1.
void InitialiseLog(int rank, int world_size);
// Also appends everything that is printed to this file (rank 0). A file that cannot be opened or
// written, or is a symbolic link, costs a warning, once, and nothing else.
void AppendLogTo(const std::string& path);

namespace internal {
enum class Severity { kInfo, kWarning, kError };
void Print(Severity severity, const std::string& line);
}  // namespace internal

template <typename... Args>
void LogInfo(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogError(fmt::format_string<Args...> format, Args&&... args) {
  internal::Print(internal::Severity::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace lockstep
