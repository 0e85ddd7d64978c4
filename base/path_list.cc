#include "base/path_list.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/file_names.h"
#include "base/line_reader.h"
#include "base/text.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

Paths Matches(const std::string& option, const std::string& pattern) {
  glob_t found{};
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  Paths paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result == GLOB_NOMATCH || paths.empty()) {
    throw MissingInput("--{}: no file matches the pattern {}", option, pattern);
  }
  std::sort(paths.begin(), paths.end());  // by bytes, whatever the locale is
  return paths;
}

// The files of an entry that is no list.
Paths FilesOf(const std::string& option, const std::string& entry) {
  std::error_code ignored;
  const bool is_pattern = entry.find_first_of("*?[") != std::string::npos;
  return is_pattern && !fs::exists(entry, ignored) ? Matches(option, entry) : Paths{entry};
}

Paths FilesOfList(const std::string& option, const std::string& list) {
  Paths paths;
  const fs::path folder = fs::path(list).parent_path();
  LineReader lines(list, AnyBytes{});
  for (std::string_view line; lines.Next(&line);) {
    const std::string_view entry = Trim(line);
    if (entry.empty() || entry.starts_with('#')) continue;
    RefuseNul(entry);
    const Paths files = FilesOf(option, (folder / entry).string());
    paths.insert(paths.end(), files.begin(), files.end());
  }
  if (paths.empty()) {
    throw MissingInput("--{}: the list {} names no file; write one path or pattern in each line",
                       option, list);
  }
  return paths;
}

}  // namespace

Paths ExpandPaths(const std::string& option, const Paths& entries) {
  Paths paths;
  for (const std::string& entry : entries) {
    std::error_code ignored;
    const bool is_list = entry.starts_with('@') && !fs::exists(entry, ignored);
    const Paths files = is_list ? FilesOfList(option, entry.substr(1)) : FilesOf(option, entry);
    paths.insert(paths.end(), files.begin(), files.end());
  }
  return paths;
}

}  // namespace lockstep
