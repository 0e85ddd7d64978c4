// Checks how the ranks of a job were started: whether they know each other, which cores each may
// use, whether all run the same program, and whether all processors have the instructions that are
// needed. Takes a few milliseconds, and finds faults that would otherwise make a run slow or damage
// it.
#pragma once

#include <vector>

#include "launch/start/finding.h"
#include "launch/start/launch_facts.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Returns what is wrong, each with the command that would be right, or a single finding that all is
// well. `all` are the facts of all ranks, in order of ranks; a process that does not know the
// others passes only its own.
Findings JudgeLaunch(const std::vector<LaunchFacts>& all);

// Collective. Returns the findings of JudgeLaunch on rank 0, and nothing on other ranks.
Findings CheckLaunch(const Communicator& comm, const LaunchNeeds& needs);

// Collective. Rank 0 logs warnings; if there is a problem, all ranks throw AgreedError. Verbs that
// train must call it before anything large is read.
void RequireLaunch(const Communicator& comm, const LaunchNeeds& needs);

}  // namespace lockstep
