// Labelling the bases of genomes.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task DnaTask();

}  // namespace lockstep
