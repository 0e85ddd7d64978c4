// What a loss gives for the rows of a slot, and what is added over slots, ranks and steps.
#pragma once

#include <array>
#include <cstddef>

#include "base/types.h"

namespace lockstep {

// Sums, never means. Rank-local until reduced.
struct StepSums {
  static constexpr std::size_t kMostCounts = 6;

  double loss = 0;    // nats, or squared or absolute error
  Index targets = 0;  // what the loss is divided by: targets that are not ignored
  std::array<Index, kMostCounts>
      counts{};  // what else was counted; the head that counts names them
};

}  // namespace lockstep
