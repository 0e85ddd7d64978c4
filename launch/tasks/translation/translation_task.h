// The row of parallel text in the table of tasks.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task TranslationTask();

}  // namespace lockstep
