// Classification of texts.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task TextTask();

}  // namespace lockstep
