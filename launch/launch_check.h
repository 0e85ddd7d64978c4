// How the ranks of a job were started: whether each knows the others, which cores each may use,
// whether all are the same program. Finds in a few milliseconds what otherwise shows as a slow or a
// torn run.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "launch/finding.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// What one process sees of its start.
struct LaunchFacts {
  int rank = 0;
  int size = 1;               // as MPI says
  int expected_size = 0;      // as the launcher's environment says; 0: it says nothing
  std::string expected_from;  // the variable
  std::string host;
  std::string machine;      // one text a running kernel, whatever its hosts are called
  std::vector<int> cores;   // this process may run on
  Index machine_cores = 0;  // of the whole machine
  Index threads = 1;        // it will compute with
  double quota_cores = 0;   // share of processors that its group may use; 0: no bound
  std::string program;      // hash of the executable
  std::string version;
};
LaunchFacts FindLaunchFacts(const Communicator& comm, Index threads);

// What is amiss, or one line that all is well. `all` are the facts of all ranks in their order; of
// a process that does not know the others, its own.
Findings JudgeLaunch(const std::vector<LaunchFacts>& all);

// For JudgeLaunch on rank 0.
std::string ToJson(const LaunchFacts& facts);
LaunchFacts LaunchFactsFromJson(const std::string& text);

// Collective. What JudgeLaunch finds, on rank 0; nothing elsewhere.
Findings CheckLaunch(const Communicator& comm, Index threads);

// Collective. Logs warnings; throws UsageError on a problem, on every rank that has it. For verbs
// that train.
void RequireLaunch(const Communicator& comm, Index threads);

}  // namespace lockstep
