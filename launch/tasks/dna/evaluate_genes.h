// `lockstep evaluate --gff`: genes against an annotation, those that a run finds or those of a
// file.
#pragma once

#include "launch/frame/options.h"
#include "worker/comm/communicator.h"

namespace lockstep {

std::span<const OptionRow> EvaluateGenesRows();

// Collective.
ExitCode EvaluateGenes(const Communicator& comm, const Options& options);

}  // namespace lockstep
