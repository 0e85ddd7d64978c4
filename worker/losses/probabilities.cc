#include "worker/losses/probabilities.h"

#include <algorithm>
#include <cmath>

namespace lockstep {

void AddSoftmax(std::span<const float> scores, std::span<double> sums) {
  const auto largest = static_cast<double>(*std::ranges::max_element(scores));
  double whole = 0;
  for (const float score : scores) whole += std::exp(static_cast<double>(score) - largest);
  for (std::size_t c = 0; c < scores.size(); ++c)
    sums[c] += std::exp(static_cast<double>(scores[c]) - largest) / whole;
}

}  // namespace lockstep
