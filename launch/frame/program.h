// The frame around a verb: what it throws becomes one message and an exit code, and under a
// launcher no rank is left waiting for another that has failed.
#pragma once

#include <functional>

#include "launch/frame/verbs.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Runs `body` and prints what it throws.
ExitCode WithMessages(const std::function<ExitCode()>& body);

// The same with MPI running when a launcher started us. An error that only this rank knows of ends
// all ranks.
ExitCode WithMpi(const std::function<ExitCode(const Communicator&)>& body);

}  // namespace lockstep
