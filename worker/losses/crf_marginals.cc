#include "worker/losses/crf_marginals.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "worker/losses/crf_labels.h"
#include "worker/losses/crf_sequence.h"

namespace lockstep {
namespace {

// The logarithms of the marginals of a sequence that was read.
template <typename S>
void WriteMarginals(const PackedLayout& layout, Index b, Index classes, const CrfSequence& sequence,
                    S* rows) {
  constexpr double kLeast = 1e-300;
  for (Index t = 0; t < sequence.steps(); ++t) {
    S* const row = rows + layout.Row(t, b) * classes;
    for (Index k = 0; k < classes; ++k) {
      row[k] = static_cast<S>(std::log(std::max(sequence.Marginals(t)[k], kLeast)));
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

// The probability that a sequence has this span of its best labels. `all` is the sum over all label
// sequences. What a label after the span would make longer is another span, and subtracted.
// Destroys the marginals and known labels.
double SpanProbability(const SpanTags& spans, const TagSpan& span, Index classes, double all,
                       const CrfLabels& labels, CrfSequence* sequence) {
  const std::span<std::int32_t> known(labels.known, static_cast<std::size_t>(sequence->steps()));
  std::ranges::fill(known, -1);
  std::copy(labels.best + span.begin, labels.best + span.end, labels.known + span.begin);
  double probability = std::exp(sequence->SubtractKnown(known) - all);
  if (span.end == sequence->steps()) return probability;
  for (std::int32_t next = 0; next < classes; ++next) {
    if (!GoesOn(spans, labels.best[span.end - 1], next)) continue;
    labels.known[span.end] = next;
    probability -= std::exp(sequence->SubtractKnown(known) - all);
  }
  return probability;
}

template <typename S>
void WriteSpans(const PackedLayout& layout, Index b, const SpanTags& spans, Index classes,
                double all, const CrfLabels& labels, CrfSequence* sequence, S* probabilities) {
  const std::span<const std::int32_t> best(labels.best,
                                           static_cast<std::size_t>(sequence->steps()));
  for (auto span = spans.Next(best, 0); span; span = spans.Next(best, span->end)) {
    const double probability = SpanProbability(spans, *span, classes, all, labels, sequence);
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
    const double all = sequence.SumAll(false);
    WriteMarginals(layout, b, C, sequence, emissions);
    if (spans == nullptr) continue;
    WriteSpans(layout, b, *spans, C, all, own, &sequence, span_probabilities);
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
