// Leaves nothing behind: a process of its own, in a session of its own, that outlives the doctor
// however that ends (Ctrl-C, a time limit, SIGKILL by mpirun) and then ends its children and
// removes its folder. Only then: while the doctor lives, its threads may still be making files.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lockstep {

class Janitor {
 public:
  // Forks: call it before any thread is started and before MPI is.
  Janitor();
  // Returns when the janitor has done its work.
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // `folder` will be removed with all that is in it, and then those of `parents` that are empty.
  void SetFolder(const std::string& folder, const std::vector<std::string>& parents);
  // This process group will be killed before; 0: none.
  void SetChildren(pid_t group);

 private:
  void Tell(char what, const std::string& text) const;
  int line_ = -1;
  pid_t pid_ = 0;
};

}  // namespace lockstep
