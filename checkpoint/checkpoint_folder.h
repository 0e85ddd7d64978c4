// The `checkpoints/` folder of a run: names of files, which file to resume from, which to delete. A
// run resumes from the newest valid file, which is found by looking at all of them; there is no
// pointer file that could be damaged. Damaged files are reported and skipped, never deleted;
// foreign files are not touched. These functions do not check who may write: the caller must make
// sure that it is the only writer.
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

// The largest step that a name has room for.
constexpr Index kMostStep = 999'999'999'999;
// BadData if there is no name for the step, which only a forged state can ask for.
std::string CheckpointPath(const std::string& folder, Index step);
// BadData if the folder is a symbolic link: another run may write to where it leads, and the lock
// of this one says nothing of it.
void RequireNoLink(const std::string& folder);
// The files with names of checkpoints, newest first. Does not open them. BadData if the folder is a
// symbolic link, here and where checkpoints are loaded or deleted.
std::vector<CheckpointEntry> ListCheckpoints(const std::string& folder);

struct LoadedCheckpoint {
  CheckpointEntry entry;
  CheckpointContent content;
};
using DamageReport = std::function<void(const CheckpointEntry& damaged, const std::string& why)>;
using CheckpointCheck = std::function<void(const LoadedCheckpoint&)>;
// Loads the newest valid checkpoint. For each damaged file that is skipped, calls `on_damaged` with
// the reason; a file for which `check` throws InputError counts as damaged. If a file is deleted
// meanwhile, as by a run that goes on, the folder is listed again. A newer format and a failing
// disk are not damage, but throw. Returns nothing if the folder is empty or missing. BadData if
// there are files, but all are damaged: a run must not silently begin again in that case.
std::optional<LoadedCheckpoint> LoadNewestValid(const std::string& folder,
                                                const DamageReport& on_damaged,
                                                const CheckpointCheck& check = {});

// Renames a damaged file to `<name>.damaged` (`.damaged-2`, ... if that exists) and returns the new
// path. The writer of the folder must do this for the files that on_damaged reported, because
// training will reach the same step again, and WriteCheckpoint does not replace files. It may do so
// only after LoadNewestValid has returned a valid checkpoint: if all damaged files were renamed,
// the next start would find an empty folder and silently begin again.
std::string SetAside(const CheckpointEntry& damaged);

// Removes the temporary files (".tmp-<process>-...") of writers that were killed. Only the folder's
// single writer may call it. `before_delete` is called when the names are known, before the first
// file is deleted; it may throw to refuse that.
void RemoveTemporaries(
    const std::string& folder, FunctionRef<void()> before_delete = [] {});
// Where others write to the folder, too: removes those that would get a name for which `is_own`
// returns true. The name is what follows the numbers in the temporary name, or ".tmp-" if it has
// none.
void RemoveTemporariesOf(FunctionRef<bool(const std::string& name)> is_own,
                         const std::string& folder, FunctionRef<void()> before_delete);

// Deletes all checkpoints except the newest `keep` files (0: keep all), those whose step is a
// multiple of `keep_every` (0: none), and those of `protected_steps`. It looks at names only, so
// damaged files must be set aside first; else they count as kept. `before_delete` is called when
// the names are known, before the first file is deleted; it may throw to refuse that.
void PruneCheckpoints(
    const std::string& folder, Index keep, Index keep_every,
    const std::vector<Index>& protected_steps, FunctionRef<void()> before_delete = [] {});

}  // namespace lockstep
