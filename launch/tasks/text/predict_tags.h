// `lockstep predict --text FILE` with a tagger: the tag of each word.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/task.h"

namespace lockstep {

// The options that only a tagger has: form of the text, form of the output.
std::span<const OptionRow> PredictTagsRows();
// Collective. `corpus` is that of the run, whose schema is IsTaggingSchema.
ExitCode PredictTags(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
