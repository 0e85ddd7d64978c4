// Connectionist temporal classification: labels without times (Graves, Fernandez, Gomez,
// Schmidhuber 2006). Class 0 is the blank.
//   y_t = softmax(x_t)
//   loss = -log p(l | x) = -log sum over paths of prod_t y_t(path_t)          (3), (12)
// where the sum is over all paths of T classes that read as the labels l when equal neighbours are
// merged and then blanks are removed. The gradient is
//   d_x_t(k) = y_t(k) - sum over states s of class k of alpha_t(s) beta_t(s) / (p(l | x) y_t(k))
//                                                                             (16)
// Sums over paths use wide numbers (wide_number.h) for float and double logits alike, so that
// nothing underflows and the result has about the precision of double for any number of steps.
#pragma once

#include "base/function_ref.h"
#include "base/workspace.h"
#include "data/batch/batch.h"
#include "worker/losses/step_sums.h"

namespace lockstep {

// layout   sequences of one slot
// labels   each in [1, classes); sequence b has labels [offsets[b], offsets[b + 1])
// offsets  [sequences + 1], each at least as large as the one before
// logits   [rows, classes], finite; set to the gradient of the summed loss
// Allocates nothing; returns to the workspace what it takes.
//
// Sums over sequences, never means:
//   loss     -log p(l | x) in nats, in double
//   targets  max(1, number of labels)
//   counts[0]  correct labels: targets minus the label errors, at least 0. The errors are the edit
//            distance between the labels and the greedy reading: the class with the largest logit
//            of each step (the first of equals), equal neighbours merged, blanks removed.
//
// Special cases. A sequence without labels has one path, all blanks. If the labels need more steps
// than the sequence has (LeastStepsFor(labels) > length), its loss is infinite and its gradient
// zero; the importers of speech refuse such utterances earlier. If a logit is plus infinity or not
// a number, the loss is not a number and the gradient of the sequence is zero. Log probabilities
// below -1e6 count as -1e6.
template <typename S>
StepSums CtcLoss(const PackedLayout& layout, std::span<const std::int32_t> labels,
                 std::span<const Index> offsets, Index classes, S* logits, Workspace* workspace);

// The labels of a sequence and its greedy reading.
using UseReading =
    FunctionRef<void(std::span<const std::int32_t> labels, std::span<const std::int32_t> read)>;

// The same sums without the gradient; the logits are not changed. `use` is called for each
// sequence.
template <typename S>
StepSums CtcLossOnly(
    const PackedLayout& layout, std::span<const std::int32_t> labels,
    std::span<const Index> offsets, Index classes, const S* logits, Workspace* workspace,
    UseReading use = [](auto /*labels*/, auto /*read*/) {});

// The most bytes that either function takes from the workspace, for sequences of at most `steps`
// steps and `labels` labels. Sequences are computed one after another, so the number of sequences
// does not matter. About 24 * steps * labels bytes.
Index CtcWorkspaceBytes(Index steps, Index labels, Index classes);

}  // namespace lockstep
