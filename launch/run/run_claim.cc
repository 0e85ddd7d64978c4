#include "launch/run/run_claim.h"

#include <algorithm>
#include <filesystem>

#include "base/durable_file.h"
#include "base/error.h"
#include "checkpoint/checkpoint_folder.h"
#include "launch/frame/shared_files.h"
#include "launch/run/run_folder.h"
#include "trainer/save/checkpoint_average.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// A later start of the same job need not wait for the lock of one that its scheduler has given up.
void ClaimRun(const std::string& run_folder, std::optional<RunLock>* lock,
              std::optional<RunOwner>* owner) {
  const bool succeeds = BelongsToAnEarlierStart(run_folder);
  if (succeeds) owner->emplace(run_folder);  // the earlier one ends itself at the sight of it
  lock->emplace(run_folder, succeeds);
  if (!succeeds) owner->emplace(run_folder);
}

// Training would begin anew, and delete the mean at its end.
void RequireSteps(const std::string& run_folder) {
  const std::string folder = run_folder + "/checkpoints";
  if (!ListCheckpoints(folder).empty() || !std::filesystem::exists(AveragePath(folder))) return;
  throw UsageError(
      "--run {}: of an earlier training, the folder holds the mean at its end alone (average.h5), "
      "from which no training can go on; give another --run, and --set train.start_from={} to "
      "begin with these parameters",
      run_folder, run_folder);
}

// A stop file is removed by the start that it ends. A folder cannot be, and would end each start
// before its first step, with the code of a run that is to be started again.
void RequireNoStopFolder(const std::string& run_folder) {
  const std::string stop = run_folder + "/stop";
  std::error_code error;
  if (!std::filesystem::is_directory(stop, error)) return;
  throw UsageError(
      "--run {}: {} is a folder, so no start of the run can remove it, and each would end at once; "
      "delete it by hand (a file of this name ends a run)",
      run_folder, stop);
}

// What training writes to the run folder and to it alone: predict may be writing its results there,
// and report its page. The last two are those of RequireSharedFolder.
bool IsOfTraining(const std::string& name) {
  constexpr std::string_view kNames[] = {".owner", "metrics.jsonl", "config.toml", kCorpusIndexName,
                                         "done.json"};
  return std::ranges::count(kNames, name) > 0 || name.starts_with("witness-") ||
         name.starts_with(".tmp-witness-");
}

}  // namespace

void ClaimFolder(const Communicator& comm, const std::string& run_folder, RunClaim* claim,
                 NewestState* newest) {
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    RequireNoCorpus(run_folder);
    RequireNoStopFolder(run_folder);
    MakeFolder(run_folder);
    MakeFolder(run_folder + "/checkpoints");
    ClaimRun(run_folder, &claim->lock, &claim->owner);
    RemoveTemporariesOf([](const std::string& name) { return IsOfTraining(name); }, run_folder,
                        [&] { claim->owner->Require(); });
    FindNewestState(run_folder, newest);
    RequireSteps(run_folder);
  });
  RequireSharedFolder(comm, run_folder);
}

}  // namespace lockstep
