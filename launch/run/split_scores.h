// `lockstep predict --corpus --logits`: the scores of a trained model for each sequence of a split.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// Collective. Writes the HDF5 file --logits (logits_file.h), the sequences in the order of the
// corpus. `corpus` is that of the run --run; the corpus of --corpus must have the same fields.
ExitCode WriteSplitScores(const Communicator& comm, const Options& options,
                          const CorpusInfo& corpus);

}  // namespace lockstep
