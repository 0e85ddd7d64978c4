// The files below a folder. Links to folders are followed, because corpora of several parts are
// often joined by them, but no folder is entered twice, so that loops end.
#pragma once

#include <string>
#include <vector>

namespace lockstep {

struct FolderWalk {
  std::vector<std::string> files;  // paths below the folder, sorted; those through links, too
  std::vector<std::string>
      remarks;  // links that lead nowhere or to a folder that was there already
};

// MissingInput if the folder, or one below it, cannot be read. A folder that can be reached with
// and without a link counts as where it is without one.
FolderWalk WalkFolder(const std::string& folder);

}  // namespace lockstep
