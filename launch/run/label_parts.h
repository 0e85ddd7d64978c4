// What a report shows of any model that names classes: its confusion matrix, and the labels of a
// few samples beside those that are right.
#pragma once

#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

// Collective. For corpora with one class per sequence or step; nothing for others. Only the first
// sequences of the split are predicted, as many as are computed in a second or two (the number is a
// function of model and split, not of the machine).
ReportParts MakeLabelParts(const Communicator& comm, const SplitTest& test);

// How many sequences of the split to predict for a report: those that take `flops` floating-point
// operations, but at least `fewest`.
Index SequencesWithin(const SplitTest& test, double flops, Index fewest);

}  // namespace lockstep
