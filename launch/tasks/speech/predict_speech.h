// `lockstep predict` for runs that were trained on transcripts: recordings or a split of a corpus
// to text, word times and pictures.
#pragma once

#include "launch/frame/options.h"
#include "launch/run/run_folder.h"

namespace lockstep {

// --audio, --format, --pictures and those of the decoder.
void AddSpeechOptions(Options::Description* description);

// `corpus` is that of the run. On one process.
ExitCode PredictSpeech(const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
