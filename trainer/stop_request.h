// Wishes that training should end early: SIGTERM, SIGINT, SIGUSR1, or a file named `stop` in the
// run folder. Signals only set a flag; ranks agree at the next step.
#pragma once

#include <string>

namespace lockstep {

class StopRequest {
 public:
  // Takes over the three signals for its lifetime.
  explicit StopRequest(const std::string& run_folder);
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  // This rank has been asked to stop. Rank-local.
  bool Seen() const;
  // Why, in words for the log.
  std::string Reason() const;
  // Removes the stop file, so that the next start does not end at once.
  void RemoveFile() const;

 private:
  std::string file_;
};

}  // namespace lockstep
