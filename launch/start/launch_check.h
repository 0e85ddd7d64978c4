// Checks how the ranks of a job were started: whether they know each other, which cores each may
// use, whether all run the same program, and whether all processors have the instructions that are
// needed. Takes a few milliseconds, and finds faults that would otherwise make a run slow or damage
// it.
#pragma once

#include <string>
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

// Collective. For verbs that work on several ranks but need nothing of their cores, such as an
// import: only refuses processes that do not know each other.
void RequireKnownRanks(const Communicator& comm);

// For verbs that work in one process, before they start: UsageError if a launcher has started
// several, whether these know each other or not. `verb` stands in the message. Of processes that
// know each other, only the first one has a message; the others throw an AgreedError without.
void RequireOneProcess(const std::string& verb);

}  // namespace lockstep
