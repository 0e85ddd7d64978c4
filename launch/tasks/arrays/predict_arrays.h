// `lockstep predict --arrays FILE` for runs that were trained on tables or arrays of numbers: the
// class or the real targets of each step or sequence, in the user's units.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// --arrays, --inputs, --lengths, --offsets and --static-inputs.
std::span<const OptionRow> PredictArraysRows();

// Writes a CSV file with a header and a row per step or per sequence, to --out or standard output:
// the name of the sequence, the step from 0 where the targets are those of steps, and a class and
// its probability, or the real targets by their names. `corpus_of_run` is that of the run.
// Collective.
ExitCode PredictArrays(const Communicator& comm, const Options& options,
                       const CorpusInfo& corpus_of_run);

}  // namespace lockstep
