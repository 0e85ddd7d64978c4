// Cleans up after the doctor: a separate process in its own session, which outlives the doctor
// however that ends (Ctrl-C, a time limit, SIGKILL by mpirun). It then kills the doctor's children
// and removes its folder. It does not begin earlier, because threads of a living doctor may still
// make files.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lockstep {

class Janitor {
 public:
  // Forks, so it must be called before any thread and before MPI is started.
  Janitor();
  // Returns when the janitor has done its work.
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // Says what to remove at the end: `folder` with all its contents, and then those of `parents`
  // that are empty.
  void SetFolder(const std::string& folder, const std::vector<std::string>& parents);
  // Says which process group to kill before that; 0: none.
  void SetChildren(pid_t group);

 private:
  void Tell(char what, const std::string& text) const;
  int line_ = -1;
  pid_t pid_ = 0;
};

}  // namespace lockstep
