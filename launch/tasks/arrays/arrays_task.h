// Numbers of one's own: classes or real values of sequences, steps and single vectors.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task ArraysTask();

}  // namespace lockstep
