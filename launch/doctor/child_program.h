// Runs this program again as a child process that does not know of the launcher, for trials in
// which the child is killed by SIGKILL.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "launch/doctor/janitor.h"

namespace lockstep {

class ChildProgram {
 public:
  // Starts `lockstep <words>` in a new process group, without the environment variables of
  // launchers, SLURM and lockstep; its output goes to the file `log`. It dies with this process.
  // `janitor` kills it if this process is killed.
  ChildProgram(const std::vector<std::string>& words, const std::string& log, Janitor* janitor);
  // Kills the child if it still runs.
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  // True if it has ended; then exit_code() is valid.
  bool Ended();
  // Its exit code; 128 + the signal if a signal ended it.
  int exit_code() const { return exit_code_; }
  // Sends SIGKILL to its whole process group; returns when the child is gone.
  void Kill();

 private:
  Janitor* janitor_;
  pid_t pid_ = 0;
  bool ended_ = false;
  int exit_code_ = 0;
};

}  // namespace lockstep
