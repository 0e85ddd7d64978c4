// Runs a small training in the run folder, which is repeatedly killed (SIGKILL) while it saves, and
// started again by the same command. The result is compared with that of an undisturbed run. This
// shows if the file system loses or damages files.
#pragma once

#include <string>

#include "base/types.h"
#include "launch/doctor/janitor.h"
#include "launch/doctor/phase_watch.h"
#include "launch/start/finding.h"

namespace lockstep {

struct ResumeFacts {
  int kills = 0;
  int kills_in_save = 0;  // kills that left an unfinished file
  Index steps = 0;
  double seconds = 0;   // duration of the whole trial
  bool in_time = true;  // false: the trial took too long and was given up
  std::string failed;   // what went wrong; empty if nothing did
  ExitCode failure = ExitCode::kDone;
};

// Rank 0 only. `folder` must be a new folder in the run folder.
ResumeFacts TryKillAndResume(const std::string& folder, PhaseWatch* watch, Janitor* janitor);

Findings JudgeResume(const ResumeFacts& facts);

}  // namespace lockstep
