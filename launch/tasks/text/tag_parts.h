// What a report shows of a model of texts: of a tagger, sentences with their entities in colour; of
// others, what MakeLabelParts shows.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// One process.
ReportParts MakeTextParts(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
