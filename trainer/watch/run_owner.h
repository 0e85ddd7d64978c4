// A fencing token: which start of a job may write into a run folder, also across hosts that share
// nothing but its files. RUN/.owner names it; a later start puts its own text there, whole and at
// once. Before each commit into the run the file is read and compared: with another text there this
// start has been taken for dead, and writes nothing more (docs/architecture.md).
//
// Between a comparison and the renaming that follows, a moment passes. So whatever gets a name is a
// whole temporary file before the comparison, and a new start removes all temporary files behind
// putting its token: a start that compared in time and comes too late finds nothing to rename. And
// what is deleted was chosen before the comparison. Left is a line of the log.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/function_ref.h"
#include "base/types.h"

namespace lockstep {

// The same job after a requeue is the same name with a larger start. Empty when no scheduler or
// launcher counts starts.
struct JobStart {
  std::string job;
  Index start = 0;
};
// From SLURM_JOB_ID and SLURM_RESTART_COUNT, or LOCKSTEP_JOB and LOCKSTEP_START of launch/hosts.
JobStart ThisJobStart();

class RunOwner {
 public:
  // Takes the run: RUN/.owner is this process's, durably, with a number above the one found.
  explicit RunOwner(const std::string& run_folder, const JobStart& start = ThisJobStart());

  // Throws kSuperseded when another start has taken the run, or the file is gone; IoError when
  // it cannot be read. Any thread.
  void Require() const;
  // Carries out a change of the run and hands on its errors, but kSuperseded where another start
  // has taken the run: it removes unfinished files, so the change fails for that reason.
  void Guard(FunctionRef<void()> change) const;
  // The same as Require without errors and without allocating: false when another text was read. A
  // file that cannot be read says nothing.
  bool IsMine() const;
  // Who has taken it, and that this start ends; for people.
  std::string Successor() const;

  Index number() const { return number_; }

 private:
  std::string path_;
  std::string text_;
  Index number_ = 1;
};

// Of the start that owns the run; 0: none, or not known.
Index OwnerNumber(const std::string& run_folder);

// Whether the run belongs to an earlier start of the same job. The scheduler, which alone can know,
// has then given that one up: it may be waiting on a host that nobody reaches.
bool BelongsToAnEarlierStart(const std::string& run_folder, const JobStart& start = ThisJobStart());

}  // namespace lockstep
