// This program once more, as a child that knows nothing of the launcher: for trials that end in
// SIGKILL.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "launch/doctor/janitor.h"

namespace lockstep {

class ChildProgram {
 public:
  // Starts `lockstep words` in a process group of its own, without a launcher's, SLURM's and
  // lockstep's variables; what it prints goes to `log`. It dies with this process. `janitor` kills
  // it when this process is ended.
  ChildProgram(const std::vector<std::string>& words, const std::string& log, Janitor* janitor);
  // Kills what still runs.
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  // True when it has ended; then exit_code() is known.
  bool Ended();
  // Its exit code; 128 + signal when one ended it.
  int exit_code() const { return exit_code_; }
  // SIGKILL to its whole group; returns when it is gone.
  void Kill();

 private:
  Janitor* janitor_;
  pid_t pid_ = 0;
  bool ended_ = false;
  int exit_code_ = 0;
};

}  // namespace lockstep
