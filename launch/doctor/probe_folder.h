// A folder of the doctor's own in the run folder, RUN/.doctor-..., for everything that it tries
// there. What else RUN holds is neither read nor written.
#pragma once

#include <string>
#include <vector>

#include "launch/doctor/janitor.h"

namespace lockstep {

class ProbeFolder {
 public:
  // Makes it, RUN included when that is missing, and removes what a doctor left more than ten
  // minutes ago on a machine that died. IoError when it cannot be made. `janitor` removes it when
  // the process is ended.
  ProbeFolder(const std::string& run_folder, Janitor* janitor);
  // Removes it, and RUN when it was made and is empty.
  ~ProbeFolder();
  ProbeFolder(const ProbeFolder&) = delete;
  ProbeFolder& operator=(const ProbeFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  Janitor* janitor_;
  std::string path_;
  std::vector<std::string> made_;  // above it, the lowest first
};

}  // namespace lockstep
