// The loss of a trained model over a split that is one stream of symbols (CorpusInfo::is_stream).
#pragma once

#include "launch/run/scoring.h"
#include "trainer/evaluation/evaluator.h"

namespace lockstep {

// Collective. On rank 0, the loss over all symbols of the split, each predicted from all before it:
// the stream is read in one piece, from a state of zero, whatever training and its validations cut
// it into. Elsewhere nothing. Ranks and threads share the work as stream_parts.h says.
Evaluation EvaluateStream(const Communicator& comm, const SplitTest& test);

}  // namespace lockstep
