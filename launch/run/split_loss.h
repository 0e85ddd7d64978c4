// The loss of a trained model over a split, on any number of ranks and threads.
#pragma once

#include "launch/run/scoring.h"
#include "trainer/evaluation/evaluator.h"

namespace lockstep {

// Collective. On rank 0, the figures of training's validation to the last bit: the same batches,
// and sums over slots and batches in the same order; elsewhere nothing. The tally is left empty
// unless targets are sets of labels: of classes, class_report.h counts more. A stream of symbols is
// not cut as for validations, but read in one piece (stream_loss.h). BadData for a split without
// targets.
Evaluation EvaluateSplit(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
