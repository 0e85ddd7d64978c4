#include "data/speech/manifests/manifest_list.h"

#include <fnmatch.h>

#include <set>

#include "base/error.h"
#include "base/path_list.h"

namespace lockstep {

std::vector<std::string> ExpandManifests(const std::string& text) {
  std::vector<std::string> paths = ExpandPaths("manifest", {text});
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
