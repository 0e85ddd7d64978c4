// Aligns a given labelling with the frames of a sequence: where each label lies, and how likely the
// labelling is. Both use the labelling with blanks before, between and after its labels (Graves et
// al. 2006, section 4.1).
#pragma once

#include <span>
#include <vector>

#include "worker/decode/ctc_greedy.h"

namespace lockstep {

// The frames of each label on the likeliest path (Viterbi); of equally likely paths, the one that
// reaches each label first. The confidence of a label is its highest posterior in its frames. The
// result is empty if there are no labels, or no possible path: too few frames for the labels and
// for the blanks between equal ones, or classes with probability zero. Takes T (2 U + 1) bytes of
// memory for T frames and U labels.
std::vector<CtcLabel> AlignLabels(const LogPosteriors& posteriors, std::span<const Index> labels);

// The natural logarithm of p(labels | frames), which is the sum over all paths; -infinity if there
// is no possible path.
double LabellingLogProbability(const LogPosteriors& posteriors, std::span<const Index> labels);

}  // namespace lockstep
