// A small training in the run folder that is killed (SIGKILL) while it saves, again and again,
// started again by the same command, and compared with one that was left alone: what a file system
// that loses or tears files would show.
#pragma once

#include <string>

#include "base/types.h"
#include "launch/doctor/janitor.h"
#include "launch/doctor/phase_watch.h"
#include "launch/start/finding.h"

namespace lockstep {

struct ResumeFacts {
  int kills = 0;
  int kills_in_save = 0;  // that left a file that was being written
  Index steps = 0;
  double seconds = 0;   // of all
  bool in_time = true;  // else the trial was given up
  std::string failed;   // what went wrong; empty: nothing
  ExitCode failure = ExitCode::kDone;
};

// Rank 0 alone. `folder` is a new one in the run folder.
ResumeFacts TryKillAndResume(const std::string& folder, PhaseWatch* watch, Janitor* janitor);

Findings JudgeResume(const ResumeFacts& facts);

}  // namespace lockstep
