// What a report shows of any model of real targets: those of a few samples beside what the model
// says, in the units of the data.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// Collective of one process. For corpora with real targets, curves of the first sequences of the
// split where there is a target per step, a table where there is one per sequence; nothing for
// others. Of several targets, the first four.
ReportParts MakeTargetParts(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
