// Speech recognition, and the language models that go with it.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task SpeechTask();
Task LanguageModelTask();  // only `lockstep prepare lm`

}  // namespace lockstep
