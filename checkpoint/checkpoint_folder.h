// The `checkpoints/` folder of a run: names, which file to resume from, which to delete. The newest
// valid file found by looking is the one; there is no pointer that could be torn. Damaged files are
// named and skipped, never deleted; foreign files and leftover temporary files are not touched, except
// that temporaries of ended writers are removed when a new writer starts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_file.h"

namespace lockstep {

struct CheckpointEntry {
  Index step = 0;
  std::string path;
};

std::string CheckpointPath(const std::string& folder, Index step);
// Well-named files, newest first, not opened.
std::vector<CheckpointEntry> ListCheckpoints(const std::string& folder);

struct LoadedCheckpoint {
  CheckpointEntry entry;
  CheckpointContent content;
};
// The newest valid one. Each damaged file on the way is reported to `on_damaged` with what is wrong with
// it. None when the folder is empty or missing; BadData when there are files but all are damaged: a run
// never starts anew silently over a damaged one.
std::optional<LoadedCheckpoint> LoadNewestValid(
    const std::string& folder,
    const std::function<void(const CheckpointEntry&, const std::string& why)>& on_damaged);

// Deletes all but the newest `keep` files and those in `protected_steps`. keep 0 keeps all.
void PruneCheckpoints(const std::string& folder, Index keep,
                      const std::vector<Index>& protected_steps);

}  // namespace lockstep
