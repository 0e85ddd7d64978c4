// What a report shows of a language model: texts that it writes.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// One process. Needs no samples.
ReportParts MakeLanguageParts(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
