// What a report shows of a run on music: the piano roll of a piece that the model makes.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// One process. Needs no samples. Nothing for models that cannot go step by step.
ReportParts MakeMusicParts(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
