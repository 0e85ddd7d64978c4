#include "data/speech/manifests/folder_walk.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <set>

#include "base/error.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

class Walk {
 public:
  FolderWalk Run(const std::string& folder) {
    Enter(folder);
    // Links come last, so that a folder of this corpus keeps its own name.
    while (!links_.empty()) {
      std::sort(links_.begin(), links_.end());
      const fs::path link = links_.front();
      links_.pop_front();
      Follow(link);
    }
    std::sort(found_.files.begin(), found_.files.end());
    return std::move(found_);
  }

 private:
  // Lists a folder and all below it that is reached without a link.
  void Enter(const fs::path& folder) {
    std::error_code error;
    entered_.insert(fs::canonical(folder, error).string());
    fs::directory_iterator entries(folder, error);
    if (error) throw MissingInput("cannot read folder {}: {}", folder.string(), error.message());
    for (const fs::directory_entry& entry : entries) {
      std::error_code ignored;
      if (entry.is_directory(ignored)) {
        entry.is_symlink(ignored) ? links_.push_back(entry.path()) : Enter(entry.path());
      } else if (entry.is_symlink(ignored) && !entry.exists(ignored)) {
        found_.remarks.push_back(fmt::format("{}: the link leads nowhere", entry.path().string()));
      } else {
        found_.files.push_back(entry.path().string());
      }
    }
  }

  void Follow(const fs::path& link) {
    std::error_code ignored;
    const std::string target = fs::canonical(link, ignored).string();
    if (!entered_.contains(target)) return Enter(link);
    found_.remarks.push_back(
        fmt::format("{}: the link leads to {}, which is read already; it is passed over",
                    link.string(), target));
  }

  FolderWalk found_;
  std::set<std::string> entered_;  // canonical paths
  std::deque<fs::path> links_;     // to folders, not followed yet
};

}  // namespace

FolderWalk WalkFolder(const std::string& folder) { return Walk().Run(folder); }

}  // namespace lockstep
