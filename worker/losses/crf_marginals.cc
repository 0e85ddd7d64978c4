#include "worker/losses/crf_marginals.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "worker/losses/crf_labels.h"
#include "worker/losses/crf_sequence.h"
#include "worker/losses/probabilities.h"

namespace lockstep {
namespace {

// The logarithms of the marginals of a sequence that was read.
template <typename S>
void WriteMarginals(const PackedLayout& layout, Index b, Index classes, const CrfSequence& sequence,
                    S* rows) {
  for (Index t = 0; t < sequence.steps(); ++t) {
    S* const row = rows + layout.Row(t, b) * classes;
    for (Index k = 0; k < classes; ++k) {
      row[k] = static_cast<S>(std::log(std::max(sequence.Marginals(t)[k], kLeastProbability)));
    }
  }
}

// Reads sequence b and sets its rows of `labels`; `best` [steps] is scratch memory. Returns false
// if it has no best label sequence.
template <typename S>
bool FindLabels(const PackedLayout& layout, Index b, Index classes, const S* emissions,
                CrfSequence* sequence, std::int32_t* best, std::int32_t* labels,
                Workspace* workspace) {
  const bool found =
      sequence->Read(layout, b, emissions) &&
      sequence->FindBest(workspace, {best, static_cast<std::size_t>(sequence->steps())});
  if (!found) FindLargest(layout, b, classes, emissions, best);
  for (Index t = 0; t < layout.Length(b); ++t) labels[layout.Row(t, b)] = best[t];
  return found;
}

// Whether a span whose last label is `last` would go on with `next`.
bool GoesOn(const SpanTags& spans, std::int32_t last, std::int32_t next) {
  const std::array<std::int32_t, 2> pair = {last, next};
  return spans.Next(pair, 0)->end == 2;
}

// The probability of each span of the best labels. What a label after a span would make longer is
// another span, so only the other labels end it.
template <typename S>
void WriteSpans(const PackedLayout& layout, Index b, const SpanTags& spans,
                std::span<const std::int32_t> best, const CrfSequence& sequence, S* probabilities) {
  for (auto span = spans.Next(best, 0); span; span = spans.Next(best, span->end)) {
    const auto of_span = best.subspan(static_cast<std::size_t>(span->begin),
                                      static_cast<std::size_t>(span->end - span->begin));
    const auto ends = [&](std::int32_t next) { return !GoesOn(spans, of_span.back(), next); };
    const double probability = sequence.RunProbability({span->begin, of_span}, ends);
    probabilities[layout.Row(span->begin, b)] = static_cast<S>(std::clamp(probability, 0.0, 1.0));
  }
}

}  // namespace

template <typename S>
void CrfMarginals(const PackedLayout& layout, const CrfRules& rules,
                  const CrfParameters<const S>& values, S* emissions, std::int32_t* labels,
                  Workspace* workspace, const SpanTags* spans, S* span_probabilities) {
  const Index mark = workspace->used_bytes(), C = rules.classes;
  const CrfWeights weights(rules, values, workspace);
  CrfSequence sequence(weights, layout.steps(), workspace);
  const CrfLabels own(layout.steps(), workspace);
  if (spans != nullptr) std::fill_n(span_probabilities, layout.rows(), S(0));
  for (Index b = 0; b < layout.sequences(); ++b) {
    if (!FindLabels(layout, b, C, emissions, &sequence, own.best, labels, workspace)) continue;
    sequence.SumAll(false);
    WriteMarginals(layout, b, C, sequence, emissions);
    if (spans == nullptr) continue;
    const std::span<const std::int32_t> best(own.best, static_cast<std::size_t>(sequence.steps()));
    WriteSpans(layout, b, *spans, best, sequence, span_probabilities);
  }
  workspace->Rewind(mark);
}

template <typename S>
void CrfBestLabels(const PackedLayout& layout, const CrfRules& rules,
                   const CrfParameters<const S>& values, const S* emissions, std::int32_t* labels,
                   Workspace* workspace) {
  const Index mark = workspace->used_bytes();
  const CrfWeights weights(rules, values, workspace);
  CrfSequence sequence(weights, layout.steps(), workspace);
  std::int32_t* const best = workspace->Take<std::int32_t>(layout.steps());
  for (Index b = 0; b < layout.sequences(); ++b) {
    FindLabels(layout, b, rules.classes, emissions, &sequence, best, labels, workspace);
  }
  workspace->Rewind(mark);
}

template void CrfMarginals(const PackedLayout&, const CrfRules&, const CrfParameters<const float>&,
                           float*, std::int32_t*, Workspace*, const SpanTags*, float*);
template void CrfMarginals(const PackedLayout&, const CrfRules&, const CrfParameters<const double>&,
                           double*, std::int32_t*, Workspace*, const SpanTags*, double*);
template void CrfBestLabels(const PackedLayout&, const CrfRules&, const CrfParameters<const float>&,
                            const float*, std::int32_t*, Workspace*);
template void CrfBestLabels(const PackedLayout&, const CrfRules&,
                            const CrfParameters<const double>&, const double*, std::int32_t*,
                            Workspace*);

}  // namespace lockstep
