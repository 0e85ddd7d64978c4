// The row of the table of tasks for proteins with one label per residue.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task ProteinTask();

}  // namespace lockstep
