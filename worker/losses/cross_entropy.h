// Softmax and cross-entropy of each row against one target class.
//   loss = log(sum_v exp(x_v)) - x_target         d_x_v = softmax_v - [v == target]
#pragma once

#include <span>

#include "worker/losses/step_sums.h"

namespace lockstep {

// logits [rows, V]; set to their gradient: zero rows where the target is ignored, i.e. negative.
// Each target must be below V. Exponentials and the row's loss in S, the sum over rows in double.
// The loss and gradient of a row whose target is c are multiplied by weights[c]; no weights: by
// nothing.
//   targets    rows that have a target
//   counts[0]  rows whose largest logit is the target's (the first of equals)
template <typename S>
StepSums CrossEntropy(std::span<const std::int32_t> targets, Index classes, S* logits,
                      std::span<const S> weights = {});

// The same sums without the gradient; logits are kept.
template <typename S>
StepSums CrossEntropyLoss(std::span<const std::int32_t> targets, Index classes, const S* logits,
                          std::span<const S> weights = {});

}  // namespace lockstep
