// Softmax and cross-entropy of each row against one target class.
//   loss = log(sum_v exp(x_v)) - x_target         d_x_v = softmax_v - [v == target]
// Smoothed by e (Szegedy et al. 2016, section 7), a target is (1 - e) its class and e all classes
// alike:
//   loss = log(sum_v exp(x_v)) - (1 - e) x_target - e / V sum_v x_v
//   d_x_v = softmax_v - (1 - e) [v == target] - e / V
#pragma once

#include <span>

#include "worker/losses/step_sums.h"
#include "worker/metrics/class_tally.h"

namespace lockstep {

// targets  [rows], each below V; a negative target is ignored: it adds nothing, and the gradient of
//          its row is zero
// logits   [rows, V]; set to the gradient of the summed loss
// weights  [V]: the loss and gradient of a row with target c are multiplied by weights[c]; empty
//          means that all weights are 1
// smoothing  e, in [0, 1); with 0 the bits are those of the formulas without it
// Exponentials and the loss of a row are computed in S, the sum over rows in double.
// before   sums of other rows, to which those of these rows are added one after another: rows that
//          come in several calls have the sums of a single call, bit by bit
// The result has
//   targets    the number of rows that have a target
//   counts[0]  the number of these whose largest logit (the first, if several are equal) is that of
//              the target
template <typename S>
StepSums CrossEntropy(std::span<const std::int32_t> targets, Index classes, S* logits,
                      std::span<const S> weights = {}, double smoothing = 0,
                      const StepSums& before = {});

// The same sums without the gradient and without smoothing; the logits are not changed. The targets
// that are not ignored, and the class of their largest logit, are counted in `tally`, which may be
// null.
template <typename S>
StepSums CrossEntropyLoss(std::span<const std::int32_t> targets, Index classes, const S* logits,
                          std::span<const S> weights = {}, ClassTally* tally = nullptr,
                          const StepSums& before = {});

}  // namespace lockstep
