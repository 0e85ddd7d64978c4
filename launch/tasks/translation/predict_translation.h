// `lockstep predict` for runs that were trained on parallel text: lines or a split of a corpus to
// translations.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// --text, --n-best, --format, --ensemble, --replace-unknown, --attention, --longest, and those of
// the search.
std::span<const OptionRow> PredictTranslationRows();

// Collective. Translates the lines of --text. `corpus` is that of the run. The output is the same
// on any number of ranks and threads.
ExitCode PredictTranslation(const Communicator& comm, const Options& options,
                            const CorpusInfo& corpus);
// Collective. Translates a split of --corpus, in its order.
ExitCode PredictTranslationSplit(const Communicator& comm, const Options& options,
                                 const CorpusInfo& corpus);

}  // namespace lockstep
