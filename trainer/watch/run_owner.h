// A fencing token: it says which start of a job may write into a run folder, even if several are
// alive on hosts that share nothing but the files. The file RUN/.owner names the start that owns
// the run; a later start replaces it by its own text, in one step. Before each change of the run,
// the file is read and compared: if it holds another text, this start was taken for dead, and must
// write nothing more (docs/architecture.md).
//
// Some time passes between the comparison and the change. Therefore everything that gets a name in
// the run is first a whole temporary file, and a new start removes all temporary files after it has
// written its token: an old start that compared just before and renames just after finds nothing to
// rename. Likewise, the files to delete are chosen before the comparison. What remains possible is
// one line too many in the log.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/function_ref.h"
#include "base/types.h"

namespace lockstep {

// A start of a job. When a scheduler starts the same job again, `job` is the same and `start` is
// larger. `job` is empty if no scheduler or launcher counts starts.
struct JobStart {
  std::string job;
  Index start = 0;
};
// Reads the environment: SLURM_JOB_ID and SLURM_RESTART_COUNT, or LOCKSTEP_JOB and LOCKSTEP_START,
// which launch/hosts sets.
JobStart ThisJobStart();

class RunOwner {
 public:
  // Takes the run: writes this start's token to RUN/.owner, durably, with a number that is one
  // above the number found there.
  explicit RunOwner(const std::string& run_folder, const JobStart& start = ThisJobStart());

  // Throws an Error with kSuperseded if another start has taken the run, or the file is gone;
  // IoError if the file cannot be read. Any thread.
  void Require() const;
  // Carries out a change of the run. If the change fails and another start has taken the run,
  // throws kSuperseded instead of the change's own error: the other start removes unfinished files,
  // so that is why it failed.
  void Guard(FunctionRef<void()> change) const;
  // Like Require, but does not throw and does not allocate: returns false if another text was read
  // or the file is gone. Returns true if the file exists but cannot be read.
  bool IsMine() const;
  // A message that says which start has taken the run, and that this one ends.
  std::string Successor() const;

  Index number() const { return number_; }

 private:
  std::string path_;
  std::string text_;
  Index number_ = 1;
};

// The number of the start that owns the run; 0 if there is none, or it is not known.
Index OwnerNumber(const std::string& run_folder);

// True if the run belongs to an earlier start of the same job. The scheduler has then given that
// start up, though it may still be alive on a host that cannot be reached.
bool BelongsToAnEarlierStart(const std::string& run_folder, const JobStart& start = ThisJobStart());

}  // namespace lockstep
