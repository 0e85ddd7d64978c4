// Speech recognition, and the language models that go with it. A build with LOCKSTEP_SPEECH=OFF has
// no_speech_task.cc in place of speech_task.cc: there all of it ends with an error that says so.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task SpeechTask();
Task LanguageModelTask();  // only `lockstep prepare lm`

// The seconds from one frame of a speech corpus to the next.
double SpeechFrameSeconds(const CorpusInfo& corpus);

}  // namespace lockstep
