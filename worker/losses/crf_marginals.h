// What a conditional random field (crf_loss.h) finds for sequences whose labels are not known: the
// probabilities of labels and of spans, and the most probable label sequences. The functions
// allocate nothing and return to the workspace what they take, at most CrfWorkspaceBytes.
#pragma once

#include "base/workspace.h"
#include "data/batch/batch.h"
#include "data/batch/span_tags.h"
#include "worker/losses/crf_weights.h"

namespace lockstep {

// Replaces the emissions by the logarithms of the marginals p(y_t = label | x), at least -690, and
// sets labels [rows] to the most probable label sequences, which always obey the order. If a number
// is not finite or the order allows no sequence of that length, the emissions of the sequence stay
// and each step has the label with the largest one.
//
// If `spans` is given, sets span_probabilities [rows] at the first row of each span of these labels
// to the probability that the sequence has exactly this span (type, first and last step), whatever
// its other labels are: the sum over all such label sequences, divided by the sum over all. All
// other rows are set to 0. A span takes time for its own steps only (ProbabilityOfRun).
template <typename S>
void CrfMarginals(const PackedLayout& layout, const CrfRules& rules,
                  const CrfParameters<const S>& values, S* emissions, std::int32_t* labels,
                  Workspace* workspace, const SpanTags* spans = nullptr,
                  S* span_probabilities = nullptr);

// Sets labels [rows] to the label sequences with the largest scores, as CrfMarginals does, and
// leaves the emissions as they are.
template <typename S>
void CrfBestLabels(const PackedLayout& layout, const CrfRules& rules,
                   const CrfParameters<const S>& values, const S* emissions, std::int32_t* labels,
                   Workspace* workspace);

}  // namespace lockstep
