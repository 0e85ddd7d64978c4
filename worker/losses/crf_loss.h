// The loss of a linear-chain conditional random field (Lafferty, McCallum, Pereira 2001; on top of
// a recurrent network: Lample et al. 2016). The score of the labels y_1 .. y_T of a sequence is
//   s(y) = start(y_1) + sum over t of x_t(y_t) + sum over t > 1 of A(y_{t-1}, y_t) + end(y_T)
// with the emissions x_t, which the network gives. The loss is
//   -log p(y | x) = log sum over all y' of exp(s(y')) - s(y)
// If some targets are ignored, s(y) is replaced by the logarithm of the sum over all label
// sequences that agree with the known ones; so loss and gradient stay exact. Label sequences that
// the order of labels forbids do not occur in any sum.
//
// Sums are in double, for float and double emissions alike, with scaled numbers or, where these
// do not suffice, logarithms (crf_chain.h): nothing underflows, however long the sequence and
// however large the emissions.
#pragma once

#include <span>

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "data/batch/span_tags.h"
#include "worker/losses/crf_weights.h"
#include "worker/losses/step_sums.h"
#include "worker/metrics/class_tally.h"

namespace lockstep {

// layout     sequences of one slot
// targets    [rows], each in [0, classes) or negative: ignored
// emissions  [rows, classes], finite; set to the gradient of the summed loss
// gradient   the gradients of the parameters are added; they are zero where the order forbids
// Allocates nothing; returns to the workspace what it takes.
//
// Sums over sequences, never means:
//   loss       -log p(y | x) in nats, in double; 0 for a sequence whose targets are all ignored
//   targets    targets that are not ignored
//   counts[0]  those of them that the most probable label sequence (Viterbi) has right
//
// Special cases, as for CtcLoss: if the known targets break the order, or if no labels that the
// order allows fit between them, the loss is infinite and the gradient of the sequence zero. If an
// emission or an allowed parameter is not finite, the loss is not a number and the gradient zero.
template <typename S>
StepSums CrfLoss(const PackedLayout& layout, std::span<const std::int32_t> targets,
                 const CrfRules& rules, const CrfParameters<const S>& values, S* emissions,
                 const CrfParameters<S>& gradient, Workspace* workspace);

// The same sums without the gradient; the emissions are not changed. The targets that are not
// ignored, and the labels that CrfMarginals finds for them, are counted in `tally`, which may be
// null; with `spans`, which may be null, too, the spans of both are counted (span_counts.h).
template <typename S>
StepSums CrfLossOnly(const PackedLayout& layout, std::span<const std::int32_t> targets,
                     const CrfRules& rules, const CrfParameters<const S>& values,
                     const S* emissions, Workspace* workspace, ClassTally* tally = nullptr,
                     const SpanTags* spans = nullptr);

// The most bytes that any of these functions, or of those of crf_marginals.h, takes from the
// workspace, for sequences of at most `steps` steps. Sequences are computed one after another, so
// their number does not matter. About 50 * steps * classes bytes.
Index CrfWorkspaceBytes(Index steps, Index classes);

}  // namespace lockstep
