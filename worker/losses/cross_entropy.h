// Softmax and cross-entropy of each row against one target class.
//   loss = log(sum_v exp(x_v)) - x_target         d_x_v = softmax_v - [v == target]
#pragma once

#include <span>

#include "base/types.h"

namespace lockstep {

// What a loss gives: sums over the rows that have a target, never means. Rank-local until reduced.
struct LossSums {
  double loss = 0;    // nats
  Index targets = 0;  // rows that count
  Index correct = 0;  // rows whose largest logit is the target's (the first of equals)
};

// logits [rows, V]; set to their gradient (zero rows where the target is ignored, i.e. negative).
// Each target must be below V. Exponentials and the row's loss in S, the sum over rows in double.
template <typename S>
LossSums CrossEntropy(std::span<const std::int32_t> targets, Index classes, S* logits);

// The same sums without the gradient; logits are kept.
template <typename S>
LossSums CrossEntropyLoss(std::span<const std::int32_t> targets, Index classes, const S* logits);

}  // namespace lockstep
