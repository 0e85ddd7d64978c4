#include "launch/slurm/save_time.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/phase_timer.h"

namespace lockstep {
namespace {

constexpr Index kMostBytes = Index{64} << 20;

std::filesystem::path ExistingFolder(std::filesystem::path path) {
  std::error_code ignored;
  while (!path.empty() && path != path.root_path() &&
         !std::filesystem::is_directory(path, ignored)) {
    path = path.parent_path();
  }
  return path.empty() ? "." : path;
}

}  // namespace

double MeasureSaveSeconds(const std::string& folder, Index bytes) {
  const std::string path =
      (ExistingFolder(folder) / fmt::format(".lockstep-save-time-{}", ::getpid())).string();
  // The bytes are not all zero, because some file systems do not store zeros.
  std::vector<std::byte> content(static_cast<std::size_t>(std::min(bytes, kMostBytes)));
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::byte>((i * 2654435761u) >> 13);
  }
  const std::span<const std::byte> piece(content);
  const double start = Seconds();
  WriteDurably(path, std::span(&piece, 1));
  const double seconds = Seconds() - start;
  ::unlink(path.c_str());
  return seconds * static_cast<double>(std::max(bytes, Index{1})) /
         static_cast<double>(std::max<std::size_t>(content.size(), 1));
}

Index LeadSeconds(double save_seconds) {
  constexpr double kSlurm = 60, kStep = 60, kSaves = 4;
  return static_cast<Index>(std::ceil((kSlurm + kStep + kSaves * save_seconds) / 10)) * 10;
}

}  // namespace lockstep
