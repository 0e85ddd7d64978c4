// The result of a loss for one slot. The same sums are then added over slots, ranks and steps.
#pragma once

#include <array>
#include <cstddef>

#include "base/types.h"

namespace lockstep {

// Sums, never means. Rank-local until reduced.
struct StepSums {
  static constexpr std::size_t kMostCounts = 6;

  double loss = 0;    // in nats, or a squared or absolute error
  Index targets = 0;  // targets that are not ignored; the loss is divided by this in the end
  // Other things that were counted; each head has names for those it uses (Head::counts).
  std::array<Index, kMostCounts> counts{};
};

}  // namespace lockstep
