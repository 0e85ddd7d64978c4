// The loss of a trained model over a split that is one stream of symbols (CorpusInfo::is_stream).
#pragma once

#include "launch/run/scoring.h"
#include "trainer/evaluation/evaluator.h"

namespace lockstep {

// Collective. On rank 0, the loss over all symbols of the split, each predicted from all before it:
// the stream is read in one piece, from a state of zero, whatever training and its validations cut
// it into. Elsewhere nothing, for there is nothing to divide: each step needs the one before. The
// input products and the head work on many steps at once, so only the recurrent products take
// single steps.
Evaluation EvaluateStream(const Communicator& comm, const SplitTest& test);

// The most steps that are computed together in one call of a model: so many that weights are packed
// rarely, so few that the scores of all classes of all steps take at most 16 MiB.
Index StepsAtOnce(const Model<float>& model);

}  // namespace lockstep
