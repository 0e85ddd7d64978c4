// Names of several files, as users give them: paths, patterns, and files that list paths.
#pragma once

#include <string>
#include <vector>

namespace lockstep {

// Replaces each entry by the files that it stands for, in this order of rules:
// - a path that exists: itself, whatever signs are in it;
// - "@LIST": the entries in the lines of the file LIST, relative to its folder. Blank lines and
//   lines that begin with # are skipped;
// - a pattern with * ? or [: the files that match, in the order of their bytes;
// - anything else: itself, so that the reader says that it does not exist.
// MissingInput if a pattern matches nothing or a list is empty; `option` is named in messages.
std::vector<std::string> ExpandPaths(const std::string& option,
                                     const std::vector<std::string>& entries);

}  // namespace lockstep
