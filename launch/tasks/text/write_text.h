// `lockstep generate` for language models: text that a model writes, symbol by symbol.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// --top-k, --top-p.
std::span<const OptionRow> WriteTextRows();

// Writes --samples texts of --length symbols each, which begin with --prefix, to --out or, as each
// symbol is drawn, to standard output. The same seed gives the same text, on every machine whose
// scores have the same bits. Collective; rank 0 computes. `corpus` is that of the run.
ExitCode WriteText(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
