// Music: the row of the table of tasks.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task MusicTask();

}  // namespace lockstep
