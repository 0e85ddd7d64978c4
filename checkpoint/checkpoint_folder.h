// The `checkpoints/` folder of a run: names, which file to resume from, which to delete. The newest
// valid file found by looking is the one; there is no pointer that could be torn. Damaged files are
// named and skipped, never deleted; foreign files are not touched. None of this asks who may write:
// the caller holds the run's only writer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/function_ref.h"
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
// The newest valid one. Each damaged file on the way is reported to `on_damaged` with what is wrong
// with it (a file that was pruned in the meantime counts as one). A newer format and a failing disk
// are no damage: they throw. None when the folder is empty or missing; BadData when there are files
// but all are damaged: a run never starts anew silently over a damaged one.
// A file that `check` throws InputError for counts as damaged, too.
std::optional<LoadedCheckpoint> LoadNewestValid(
    const std::string& folder,
    const std::function<void(const CheckpointEntry&, const std::string& why)>& on_damaged,
    const std::function<void(const LoadedCheckpoint&)>& check = {});

// Renames a damaged file to `<name>.damaged` (`.damaged-2`, ... when taken) and returns the new
// path. The one writer of the folder does this for what on_damaged reported: training will come by
// the same step again, and WriteCheckpoint replaces nothing. Only once LoadNewestValid has found a
// valid one: with all damaged files out of sight, the next start would take the folder for an empty
// one.
std::string SetAside(const CheckpointEntry& damaged);

// Removes what writers that were killed left behind (".tmp-*"). Only for the one living writer.
// `before_delete` is called when the names are known, before the first goes; it throws to refuse.
void RemoveTemporaries(
    const std::string& folder, FunctionRef<void()> before_delete = [] {});

// Deletes all but the newest `keep` files, those at multiples of `keep_every` steps (0: none), and
// those in `protected_steps`. keep 0 keeps all. Goes by
// names: set damaged files aside first, or they count as kept.
// `before_delete` as above.
void PruneCheckpoints(
    const std::string& folder, Index keep, Index keep_every,
    const std::vector<Index>& protected_steps, FunctionRef<void()> before_delete = [] {});

}  // namespace lockstep
