// Whether a label sequence fits into an utterance at all, for those who read utterances: loss and
// gradient of one that does not are of no use (worker/losses/ctc_loss.h).
#pragma once

#include <cstdint>
#include <span>

#include "base/types.h"

namespace lockstep {

// Steps of the shortest path that reads as `labels`: one for each label, and one for the blank
// between two equal neighbours. 0 for no labels.
inline Index CtcLeastSteps(std::span<const std::int32_t> labels) {
  Index steps = static_cast<Index>(labels.size());
  for (std::size_t i = 1; i < labels.size(); ++i) steps += labels[i] == labels[i - 1] ? 1 : 0;
  return steps;
}

}  // namespace lockstep
