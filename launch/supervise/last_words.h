// The one line that a supervisor prints when it ends its rank: who, what, where and what to do
// next. Neither the terminal nor the disk can hold it up: each gets it from a process of its own,
// with a time limit.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/rank_status.h"
#include "launch/supervise/stall_watch.h"

namespace lockstep {

// With which such a line ends.
inline constexpr const char* kNextStep = "The job ends; run the same command again to resume";

// The rank of this process in its job, from the launcher's environment: before MPI has told.
int RankFromEnvironment();

class LastWords {
 public:
  // Speaks of the process `rank`, whose status must outlive this. The line also goes to
  // RUN/log.txt, when `owner`, which tells the number of the start that has the run now, says that
  // it still is this one.
  LastWords(pid_t rank, const RankStatus& status, const std::string& run_folder,
            const std::function<Index()>& owner)
      : rank_(rank), status_(status), run_folder_(run_folder), owner_(owner) {}

  void SayKilled(int signal) const;
  void SayStalled(const Stall& stall) const;
  void SaySuperseded() const;

 private:
  std::string Who() const;
  std::string Where() const;
  void Say(const std::string& message) const;
  bool AppendToLog(const std::string& message) const;

  pid_t rank_;
  const RankStatus& status_;
  std::string run_folder_;
  std::function<Index()> owner_;
};

}  // namespace lockstep
