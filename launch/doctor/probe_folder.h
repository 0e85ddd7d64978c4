// The doctor's own folder in the run folder, RUN/.doctor-..., which it uses for all its trials. It
// does not read or write anything else in RUN.
#pragma once

#include <string>
#include <vector>

#include "launch/doctor/janitor.h"

namespace lockstep {

class ProbeFolder {
 public:
  // Makes the folder, and also RUN if it does not exist. Removes folders that earlier doctors,
  // whose machine has died, left more than ten minutes ago. IoError if the folder cannot be made.
  // `janitor` removes it if this process is killed.
  ProbeFolder(const std::string& run_folder, Janitor* janitor);
  // Removes the folder, and also RUN if it was made by the constructor and is empty.
  ~ProbeFolder();
  ProbeFolder(const ProbeFolder&) = delete;
  ProbeFolder& operator=(const ProbeFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  Janitor* janitor_;
  std::string path_;
  std::vector<std::string> made_;  // folders above it that were made, the lowest first
};

}  // namespace lockstep
