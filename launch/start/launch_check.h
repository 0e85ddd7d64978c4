// How the ranks of a job were started: whether each knows the others, which cores each may use,
// whether all are the same program and have the instructions that are asked for. Finds in a few
// milliseconds what otherwise shows as a slow or a torn run.
#pragma once

#include <vector>

#include "launch/start/finding.h"
#include "launch/start/launch_facts.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// What is amiss, each with the command that would be right, or one line that all is well. `all` are
// the facts of all ranks in their order; of a process that does not know the others, its own.
Findings JudgeLaunch(const std::vector<LaunchFacts>& all);

// Collective. What JudgeLaunch finds, on rank 0; nothing elsewhere.
Findings CheckLaunch(const Communicator& comm, const LaunchNeeds& needs);

// Collective. Rank 0 logs warnings; throws AgreedError on all ranks alike on a problem. For verbs
// that train, before anything large is read.
void RequireLaunch(const Communicator& comm, const LaunchNeeds& needs);

}  // namespace lockstep
