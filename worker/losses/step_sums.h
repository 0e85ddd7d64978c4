// The result of a loss for one slot. The same sums are then added over slots, ranks and steps.
#pragma once

#include <array>
#include <cstddef>

#include "base/types.h"

namespace lockstep {

// Sums, never means. Rank-local until reduced.
struct StepSums {
  static constexpr std::size_t kMostCounts = 6;
  // Places in `counts` that hold word errors and words of transcripts (word_errors.h).
  static constexpr std::size_t kWordErrors = 1;
  static constexpr std::size_t kWords = 2;
  // Places in `counts` for sets of labels (sigmoid_loss.h) and spans of tags (span_counts.h): those
  // that are true and found, found but not true, and true but not found.
  static constexpr std::size_t kHits = 3;
  static constexpr std::size_t kFalseAlarms = 4;
  static constexpr std::size_t kMisses = 5;

  double loss = 0;    // in nats, or a squared or absolute error
  Index targets = 0;  // targets that are not ignored; the loss is divided by this in the end
  // Other things that were counted; each head has names for those it uses (Head::counts).
  std::array<Index, kMostCounts> counts{};
  // Where targets are real: the sum of (scale * (output - target))^2, whatever the loss is.
  double squared_errors = 0;

  StepSums& operator+=(const StepSums& more) {
    loss += more.loss;
    targets += more.targets;
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += more.counts[i];
    squared_errors += more.squared_errors;
    return *this;
  }
};

}  // namespace lockstep
