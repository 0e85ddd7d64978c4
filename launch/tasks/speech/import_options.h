// The command-line options of `lockstep prepare speech`, and the import that they describe.
#pragma once

#include "data/speech/speech_options.h"
#include "launch/frame/options.h"

namespace lockstep {

OptionTable SpeechImportRows();

// Patterns and lists of manifests become their files. UsageError for a value that no import allows;
// what depends on several values is checked by CheckSpeechOptions.
SpeechOptions ReadSpeechOptions(const Options& options);

}  // namespace lockstep
