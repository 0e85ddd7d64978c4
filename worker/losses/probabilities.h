// Probabilities of classes, in double: from scores, and back to scores.
#pragma once

#include <span>

namespace lockstep {

// Smaller probabilities count as this one where their logarithm is taken: that of 0 is infinite.
inline constexpr double kLeastProbability = 1e-300;

// Adds the softmax of `scores` to `sums`, both [classes]: exp(x(c)) / sum over k of exp(x(k)).
// Scores may be of any size: the largest of them is subtracted first.
void AddSoftmax(std::span<const float> scores, std::span<double> sums);

}  // namespace lockstep
