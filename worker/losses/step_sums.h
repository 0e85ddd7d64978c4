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

// An error rate of a model: counts[errors] / counts[tokens] of the sums of an evaluation. Training
// does not count it, because it would cost time in each step.
struct ErrorRateKind {
  const char* name = "";   // as in metrics.jsonl and for validation.metric, "wer"
  const char* shown = "";  // to people, "WER"
  std::size_t errors = 0;
  std::size_t tokens = 0;

  // May exceed 1; 1 when there were no tokens.
  double Of(const StepSums& sums) const {
    if (sums.counts[tokens] == 0) return 1;
    return static_cast<double>(sums.counts[errors]) / static_cast<double>(sums.counts[tokens]);
  }
};

}  // namespace lockstep
