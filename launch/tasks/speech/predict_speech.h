// `lockstep predict` for runs that were trained on transcripts: recordings or a split of a corpus
// to text, word times and pictures.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// `corpus` is that of the run. Collective.
ExitCode PredictSpeech(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
