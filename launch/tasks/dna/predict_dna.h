// `lockstep predict --fasta`: a genome through a model that labels bases, to GFF3.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// --fasta and --min-length.
std::span<const OptionRow> PredictDnaRows();

// `corpus` is that of the run. Collective.
ExitCode PredictDna(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
