// What the fuzz targets share. Each target is one source with the function that libFuzzer calls.
// In a build with Clang and LOCKSTEP_SANITIZE=fuzzer-no-link,address,undefined it is linked with
// libFuzzer (tests/fuzz/run); in all others with replay_main.cc, which is part of the tests.
//
// A target may refuse its input as bad data, as a wrong use (a configuration, a file whose form is
// in doubt), or because a file that it names is missing. Anything else is a finding: another error,
// a broken promise (LOCKSTEP_CHECK), and what the sanitizers see.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count);

namespace lockstep {

template <typename Read>
void ReadOrRefuse(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    const bool is_refusal = error.code() == ExitCode::kBadData ||
                            error.code() == ExitCode::kUsage ||
                            error.code() == ExitCode::kMissingInput;
    if (!is_refusal) throw;
  }
}

// Where one file or folder of this process may be made, for what memory alone cannot do.
inline std::string TemporaryPath() {
  const std::string name = "lockstep-fuzz-" + std::to_string(getpid());
  return (std::filesystem::temp_directory_path() / name).string();
}

// A file that is in memory only, for readers that take a path.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("fuzz", MFD_CLOEXEC)) { LOCKSTEP_CHECK(fd_ >= 0); }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void Set(std::span<const std::uint8_t> bytes) {
    LOCKSTEP_CHECK(ftruncate(fd_, 0) == 0);
    LOCKSTEP_CHECK(pwrite(fd_, bytes.data(), bytes.size(), 0) ==
                   static_cast<ssize_t>(bytes.size()));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace lockstep
