// Sequences with one class each: `lockstep prepare dna --task classify`, and `lockstep predict
// --fasta` for models of such corpora.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

ExitCode PrepareClassifyDna(const Arguments& arguments);

// The class of each record of --fasta, one line per record: name, class, probability. `corpus` is
// that of the run. Collective.
ExitCode PredictClassOfDna(const Communicator& comm, const Options& options,
                           const CorpusInfo& corpus);

}  // namespace lockstep
