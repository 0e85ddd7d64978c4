// Small inputs for decoders: frames of logits that are random or peak where they are told to.
#pragma once

#include <cmath>
#include <vector>

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

// [frames, classes] standard normal times `scale`.
inline std::vector<float> RandomLogits(Index frames, Index classes, std::uint64_t seed,
                                       double scale = 1) {
  const CounterRng rng(seed, RandomPurpose::kTest);
  std::vector<float> logits(static_cast<std::size_t>(frames * classes));
  for (std::size_t i = 0; i < logits.size(); ++i) {
    logits[i] = static_cast<float>(scale * rng.Normal(i));
  }
  return logits;
}

// [path.size(), classes]: posterior `peak` at the class of the path, the rest shared by the others.
inline std::vector<float> PeakedLogits(const std::vector<Index>& path, Index classes, double peak) {
  const double rest = (1 - peak) / static_cast<double>(classes - 1);
  std::vector<float> logits;
  for (const Index label : path) {
    for (Index c = 0; c < classes; ++c) {
      logits.push_back(static_cast<float>(std::log(c == label ? peak : rest)));
    }
  }
  return logits;
}

}  // namespace lockstep
