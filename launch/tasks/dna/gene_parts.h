// What a report shows of a model that labels the bases of genomes.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// Collective of one process. The parts of MakeLabelParts, and if the classes are those of bases,
// the genes on the first stretch of the split that its windows make without a gap: those that its
// labels mean above, and those that `predict --fasta` finds in its bases below.
ReportParts MakeGeneParts(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
