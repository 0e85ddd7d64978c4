#include "data/speech/manifests/manifest_list.h"

#include <fnmatch.h>
#include <glob.h>

#include <filesystem>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/gzip_lines.h"
#include "base/text.h"
#include "data/speech/manifests/manifest.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

// The paths that match, sorted by their bytes whatever the locale is.
std::vector<std::string> Glob(const std::string& pattern) {
  glob_t found{};
  const std::unique_ptr<glob_t, decltype(&::globfree)> owner(&found, &::globfree);
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  if (result != 0 && result != GLOB_NOMATCH) {
    throw IoError(fmt::format("cannot list the files that match {}: {}", pattern, ErrnoText()));
  }
  const std::set<std::string> sorted(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  return {sorted.begin(), sorted.end()};
}

std::vector<std::string> OneOrPattern(const std::string& path) {
  if (fs::exists(path) || path.find_first_of("*?[") == std::string::npos) return {path};
  std::vector<std::string> found = Glob(path);
  if (found.empty()) {
    throw UsageError("no manifest matches \"{}\"; is the folder right, and the pattern in quotes?",
                     path);
  }
  return found;
}

std::vector<std::string> FromList(const std::string& list) {
  const std::string root = fs::path(list).parent_path().string();
  std::vector<std::string> paths;
  LineReader lines(list);
  for (std::string_view line; lines.Next(&line);) {
    line = Trim(line);
    if (line.empty() || line.starts_with("# ")) continue;
    for (std::string& path : OneOrPattern(manifest::Resolve(root, line))) {
      paths.push_back(std::move(path));
    }
  }
  if (paths.empty()) throw BadData("{}: names no manifest; write one path per line", list);
  return paths;
}

}  // namespace

std::vector<std::string> ExpandManifests(const std::string& text) {
  std::vector<std::string> paths =
      text.starts_with('@') ? FromList(text.substr(1)) : OneOrPattern(text);
  std::set<std::string> seen;
  for (const std::string& path : paths) {
    if (seen.insert(path).second) continue;
    throw UsageError("\"{}\" gives the manifest {} twice; leave one out", text, path);
  }
  return paths;
}

bool MatchesPattern(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace lockstep
