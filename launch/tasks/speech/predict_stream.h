// `lockstep predict --stream`: raw sound on standard input to words, while it comes.
#pragma once

#include "data/corpus/shard_format.h"
#include "launch/frame/options.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// --stream and what goes with it.
std::span<const OptionRow> StreamRows();

// `corpus` is that of the run. Collective, but for one rank only: UsageError for more.
ExitCode PredictStream(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
