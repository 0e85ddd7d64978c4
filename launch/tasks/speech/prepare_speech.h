// `lockstep prepare speech`: the command line of the import of speech.
#pragma once

#include "launch/frame/verbs.h"

namespace lockstep {

// Gets the words behind "speech". Collective under a launcher: the ranks divide the work.
ExitCode PrepareSpeechVerb(const Arguments& arguments);

}  // namespace lockstep
