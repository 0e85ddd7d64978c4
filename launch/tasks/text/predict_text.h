// `lockstep predict --text FILE` for runs that were trained on labelled texts: the class of each
// line.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// --text.
std::span<const OptionRow> PredictTextRows();

// Writes a line LABEL <tab> PROBABILITY <tab> TEXT for each line of the file, to --out or standard
// output. `corpus` is that of the run. Collective.
ExitCode PredictText(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
