#include "launch/doctor/probe_folder.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>

#include "base/durable_file.h"
#include "base/error.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = ".doctor-";
// A doctor lives much shorter than this, so an older folder is abandoned.
constexpr std::chrono::minutes kForgotten{10};

std::vector<std::string> MissingFolders(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> missing;
  for (fs::path p = folder; !p.empty() && !fs::exists(p, error); p = p.parent_path()) {
    missing.push_back(p.string());
  }
  return missing;
}

void RemoveForgotten(const fs::path& run_folder) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(run_folder, error)) {
    if (!entry.path().filename().string().starts_with(kPrefix)) continue;
    const auto age = fs::file_time_type::clock::now() - entry.last_write_time(error);
    if (!error && age > kForgotten) fs::remove_all(entry.path(), error);
  }
}

std::string HostName() {
  struct utsname names {};
  ::uname(&names);
  return names.nodename;
}

}  // namespace

ProbeFolder::ProbeFolder(const std::string& run_folder, Janitor* janitor) : janitor_(janitor) {
  const fs::path run = fs::absolute(run_folder).lexically_normal();
  made_ = MissingFolders(run);
  RemoveForgotten(run);
  // The name is random, so that nobody can put a symbolic link there that leads the doctor
  // elsewhere.
  const std::uint64_t random = std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  path_ = (run / fmt::format("{}{}-{}-{}", kPrefix, HostName(), ::getpid(), random)).string();
  janitor_->SetFolder(path_, made_);
  MakeFolder(run.string());
  if (::mkdir(path_.c_str(), 0777) != 0) {
    throw IoError(fmt::format("cannot make folder {}: {}", path_, ErrnoText()),
                  ExitCode::kCannotCreate);
  }
}

ProbeFolder::~ProbeFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
  for (const std::string& folder : made_) ::rmdir(folder.c_str());
  janitor_->SetFolder("", {});
}

}  // namespace lockstep
