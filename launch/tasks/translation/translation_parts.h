// What a report shows of a translation model: the first sentences of a split with their
// translations, and what the model attends to.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// One process. Nothing without samples.
ReportParts MakeTranslationParts(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
