// From what a user gives as a source of utterances to the paths of manifests.
#pragma once

#include <string>
#include <vector>

namespace lockstep {

// The manifests that `text` stands for, in order:
//   train.jsonl     a file or folder: itself
//   part-*.jsonl    a pattern, if there is no file of this name: all paths that match, sorted
//   @parts.txt      a file with a path or pattern per line, relative to its folder; empty lines and
//                   lines that begin with # are passed over (base/path_list.h)
// MissingInput for a pattern that matches nothing and a list that does not exist or is empty;
// UsageError for a path that comes twice.
std::vector<std::string> ExpandManifests(const std::string& text);

// True if the name matches a pattern with * (any letters), ? (one) and [abc] (one of these).
bool MatchesPattern(const std::string& pattern, const std::string& name);

}  // namespace lockstep
