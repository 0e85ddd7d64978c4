// Connectionist temporal classification: labels without times (Graves, Fernandez, Gomez,
// Schmidhuber 2006). Class 0 is the blank.
//   y_t = softmax(x_t)
//   loss = -log p(l | x) = -log sum over paths of prod_t y_t(path_t)          (3), (12)
// over all paths of T classes that read as the labels l: equal neighbours drawn together, then
// blanks left out.
//   d_x_t(k) = y_t(k) - sum over states s of class k of alpha_t(s) beta_t(s) / (p(l | x) y_t(k))
//                                                                             (16)
// Sums over paths are taken in wide numbers (wide_number.h), for float and double logits alike: the
// result is that of double, for any number of steps.
#pragma once

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/losses/step_sums.h"

namespace lockstep {

// layout   sequences of one slot
// labels   each in [1, classes); sequence b has labels [offsets[b], offsets[b + 1])
// offsets  [sequences + 1], never falling
// logits   [rows, classes], finite; set to the gradient of the summed loss
// Nothing is allocated; the workspace is left as it was.
//
// Sums over sequences, never means:
//   loss     -log p(l | x) in nats, in double
//   targets  max(1, number of labels)
//   counts[0]  label accuracy: targets less the label errors, not below 0. Errors are the edit
//            distance of the labels to the greedy reading (largest logit of each step, the first of
//            equals; equal neighbours drawn together, blanks left out).
//
// No labels: every step is a blank. More labels than steps hold (LeastStepsFor above the length):
// the loss is infinite and the sequence's rows are zero; whoever reads utterances (data/) refuses
// them earlier. Where a logit is plus infinity or not a number, the loss is not a number and the
// sequence's rows are zero. Log probabilities below -1e6 count as -1e6.
template <typename S>
StepSums CtcLoss(const PackedLayout& layout, std::span<const std::int32_t> labels,
                 std::span<const Index> offsets, Index classes, S* logits, Workspace* workspace);

// The same sums without the gradient; logits are kept.
template <typename S>
StepSums CtcLossOnly(const PackedLayout& layout, std::span<const std::int32_t> labels,
                     std::span<const Index> offsets, Index classes, const S* logits,
                     Workspace* workspace);

// What both take at most: sequences come one after the other, so no more than the longest one with
// the most labels. About 24 `steps` `labels`.
Index CtcWorkspaceBytes(Index steps, Index labels, Index classes);

}  // namespace lockstep
