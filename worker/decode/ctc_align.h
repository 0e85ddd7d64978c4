// A given labelling against the frames of a sequence: where each label lies, and how likely it is.
// Both walk the labelling with blanks between, before and behind its labels (Graves et al. 2006,
// section 4.1).
#pragma once

#include <span>
#include <vector>

#include "worker/decode/ctc_greedy.h"

namespace lockstep {

// Frames of each label on the likeliest path (Viterbi); of equal paths the one that reaches
// each label first. Confidence: the highest posterior of the label in its frames. Empty when no
// path can be (fewer frames than labels and the blanks between equal ones, or impossible classes)
// and for no labels. Takes T (2 U + 1) bytes.
std::vector<CtcLabel> AlignLabels(const LogPosteriors& posteriors, std::span<const Index> labels);

// log p(labels | frames), natural: the sum over all paths; -infinity when there is none.
double LabellingLogProbability(const LogPosteriors& posteriors, std::span<const Index> labels);

}  // namespace lockstep
