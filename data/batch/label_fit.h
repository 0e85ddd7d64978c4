// Tells how many steps a list of labels needs, when labels are aligned with steps in order and with
// blanks between them. A sequence with fewer steps has no useful loss and gradient.
#pragma once

#include <cstdint>
#include <span>

#include "base/types.h"

namespace lockstep {

// The number of steps of the shortest path that reads as `labels`: one for each label, and one for
// the blank between two equal neighbours. 0 for no labels.
inline Index LeastStepsFor(std::span<const std::int32_t> labels) {
  Index steps = static_cast<Index>(labels.size());
  for (std::size_t i = 1; i < labels.size(); ++i) steps += labels[i] == labels[i - 1] ? 1 : 0;
  return steps;
}

}  // namespace lockstep
