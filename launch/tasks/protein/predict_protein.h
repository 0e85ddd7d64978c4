// `lockstep predict --fasta` for models of protein corpora: a state for each residue.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

std::span<const OptionRow> PredictProteinRows();

// `corpus` is that of the run. Collective.
ExitCode PredictProtein(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
