// The options of `lockstep predict` for speech.
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

// Recordings, streams, forms of transcripts, and the decoder.
std::span<const OptionRow> PredictSpeechRows();

// UsageError where an option belongs to another one that was not given.
void CheckSpeechOptions(const Options& options);

}  // namespace lockstep
