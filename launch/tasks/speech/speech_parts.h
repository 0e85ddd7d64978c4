// What a report shows of a speech model: the first utterances of a split with what was recognised,
// their spectrograms and posteriors.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// One process. Nothing without samples.
ReportParts MakeSpeechParts(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
