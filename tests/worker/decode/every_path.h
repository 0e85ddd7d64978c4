// All paths of a short sequence, one by one: what CTC decoders must agree with on small inputs.
#pragma once

#include <map>
#include <vector>

#include "worker/decode/log_posteriors.h"

namespace lockstep {

// log p of every labelling of C^T paths, summed as it stands in the definition.
inline std::map<std::vector<Index>, double> EveryLabelling(const LogPosteriors& posteriors) {
  std::map<std::vector<Index>, double> labellings;
  std::vector<Index> path(static_cast<std::size_t>(posteriors.frames()));
  for (;;) {
    double log_prob = 0;
    std::vector<Index> labels;
    for (std::size_t t = 0; t < path.size(); ++t) {
      log_prob += posteriors.At(static_cast<Index>(t), path[t]);
      if (path[t] != kCtcBlank && (t == 0 || path[t - 1] != path[t])) labels.push_back(path[t]);
    }
    const auto [place, is_new] = labellings.emplace(labels, log_prob);
    if (!is_new) place->second = LogAdd(place->second, log_prob);
    std::size_t t = 0;
    while (t < path.size() && ++path[t] == posteriors.classes()) path[t++] = 0;
    if (t == path.size()) return labellings;
  }
}

}  // namespace lockstep
