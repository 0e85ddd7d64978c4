#include "worker/decode/ctc_greedy.h"

#include <algorithm>
#include <cmath>

namespace lockstep {

std::vector<CtcLabel> DecodeGreedy(const LogPosteriors& posteriors) {
  std::vector<CtcLabel> labels;
  Index previous = kCtcBlank;
  for (Index t = 0; t < posteriors.frames(); ++t) {
    const Index best = posteriors.Best(t);
    const double posterior = std::exp(posteriors.At(t, best));
    if (best != kCtcBlank && best != previous) {
      labels.push_back({best, t, t, posterior});
    } else if (best != kCtcBlank) {
      labels.back().last_frame = t;
      labels.back().confidence = std::max(labels.back().confidence, posterior);
    }
    previous = best;
  }
  return labels;
}

}  // namespace lockstep
