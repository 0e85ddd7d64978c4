// Whether a list of labels fits into the steps of its sequence at all, where labels are aligned to
// steps in order with blanks between them. The loss and gradient of a list that does not fit are of
// no use.
#pragma once

#include <cstdint>
#include <span>

#include "base/types.h"

namespace lockstep {

// Steps of the shortest path that reads as `labels`: one for each label, and one for the blank
// between two equal neighbours. 0 for no labels.
inline Index LeastStepsFor(std::span<const std::int32_t> labels) {
  Index steps = static_cast<Index>(labels.size());
  for (std::size_t i = 1; i < labels.size(); ++i) steps += labels[i] == labels[i - 1] ? 1 : 0;
  return steps;
}

}  // namespace lockstep
