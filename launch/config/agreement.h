// What all ranks of a job must have in common before they may train together.
#pragma once

#include <map>
#include <string>

#include "launch/config/config.h"
#include "worker/comm/communicator.h"
#include "worker/kernels/isa.h"

namespace lockstep {

// Collective. Throws UsageError on every rank when a value differs from rank 0's, naming rank, key
// and both values: another environment, configuration file, corpus or program on one of the hosts.
void CheckSameOnAllRanks(const Communicator& comm, const std::map<std::string, std::string>& mine);

// Collective. Instruction set of all ranks: the configured one; with "auto" the best that
// every rank has, or that of the checkpoint the run goes on from (rank 0 knows; empty without one)
// where its bits differ.
Isa AgreeOnIsa(const Communicator& comm, const std::string& configured,
               const std::string& of_checkpoint = "");

// Collective. Makes the kernels of this process run on the instruction set that AgreeOnIsa finds
// and returns it. Every precision runs on every instruction set, though not at the same speed
// (worker/kernels/bfloat16_route.h).
Isa SelectInstructions(const Communicator& comm, const RunConfig& config,
                       const std::string& of_checkpoint = "");

// Warns when workers (ranks x threads) have no slot and so nothing to compute, and says what to
// set.
void WarnOfIdleWorkers(Index ranks, Index threads, Index slots);

}  // namespace lockstep
