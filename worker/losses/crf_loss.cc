#include "worker/losses/crf_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "worker/losses/crf_labels.h"
#include "worker/losses/crf_sequence.h"
#include "worker/losses/crf_viterbi.h"
#include "worker/losses/span_counts.h"

namespace lockstep {
namespace {

// The gradients of the parameters, summed over the sequences of a slot in double.
struct ParameterSums {
  ParameterSums(Index classes, Workspace* workspace)
      : transitions(workspace->Take<double>(classes * classes)),
        start(workspace->Take<double>(classes)),
        end(workspace->Take<double>(classes)) {
    std::fill_n(transitions, classes * classes, 0.0);
    std::fill_n(start, classes, 0.0);
    std::fill_n(end, classes, 0.0);
  }
  static Index Bytes(Index classes) {
    return Workspace::BytesFor<double>(classes * classes) +
           2 * Workspace::BytesFor<double>(classes);
  }

  double* transitions;
  double* start;
  double* end;
};

// Minus the logarithm of the probability of the known labels. Rounding could make it negative
// where they are the only ones that are allowed.
double LossOf(double all, double known) {
  if (known == -std::numeric_limits<double>::infinity()) return -known;
  return all < known ? 0 : all - known;
}

template <typename S>
void ClearRows(const PackedLayout& layout, Index b, Index classes, S* rows) {
  for (Index t = 0; t < layout.Length(b); ++t) {
    std::fill_n(rows + layout.Row(t, b) * classes, classes, S(0));
  }
}

// Writes the gradient of the emissions of sequence b, and adds that of the parameters.
template <typename S>
void AddGradient(const PackedLayout& layout, Index b, Index classes, const CrfSequence& sequence,
                 S* d_emissions, ParameterSums* sums) {
  const Index T = sequence.steps();
  for (Index t = 0; t < T; ++t) {
    S* const row = d_emissions + layout.Row(t, b) * classes;
    for (Index k = 0; k < classes; ++k) row[k] = static_cast<S>(sequence.Marginals(t)[k]);
  }
  for (Index k = 0; k < classes; ++k) sums->start[k] += sequence.Marginals(0)[k];
  for (Index k = 0; k < classes; ++k) sums->end[k] += sequence.Marginals(T - 1)[k];
  sequence.AddPairs(sums->transitions);
}

// Adds the loss and the counts of a sequence that was read, with at least one known label. Returns
// its loss; the sequence then holds the gradient, if the loss is finite.
double AddLoss(CrfSequence* sequence, const CrfLabels& labels, bool with_gradient,
               Workspace* workspace, StepSums* sums) {
  const auto T = static_cast<std::size_t>(sequence->steps());
  const double all = sequence->SumAll(with_gradient);
  const double loss = LossOf(all, sequence->SubtractKnown({labels.known, T}));
  sums->loss += loss;
  sequence->FindBest(workspace, {labels.best, T});
  for (std::size_t t = 0; t < T; ++t) {
    sums->counts[0] += labels.known[t] >= 0 && labels.known[t] == labels.best[t] ? 1 : 0;
  }
  return loss;
}

void CountLabels(Index steps, const CrfLabels& labels, ClassTally* tally) {
  for (Index t = 0; tally != nullptr && t < steps; ++t) {
    if (labels.known[t] >= 0) tally->Add(labels.known[t], labels.best[t]);
  }
}

// Where the labels of a sequence are counted beside their number; each may be null.
struct LabelCounts {
  ClassTally* tally = nullptr;
  const SpanTags* spans = nullptr;
  void Add(Index steps, const CrfLabels& labels, StepSums* sums) const {
    CountLabels(steps, labels, tally);
    const auto count = static_cast<std::size_t>(steps);
    if (spans != nullptr) CountSpans(*spans, {labels.known, count}, {labels.best, count}, sums);
  }
};

// `d_emissions` may be the emissions, or null: no gradient.
template <typename S>
StepSums AllSequences(const PackedLayout& layout, std::span<const std::int32_t> targets,
                      const CrfWeights& weights, const S* emissions, S* d_emissions,
                      ParameterSums* gradient, const LabelCounts& counts, Workspace* workspace) {
  LOCKSTEP_CHECK_EQ(static_cast<Index>(targets.size()), layout.rows());
  const Index C = weights.classes();
  CrfSequence sequence(weights, layout.steps(), workspace);
  const CrfLabels labels(layout.steps(), workspace);
  StepSums sums;
  for (Index b = 0; b < layout.sequences(); ++b) {
    const Index known = labels.Read(layout, b, targets);
    double loss = std::numeric_limits<double>::quiet_NaN();
    if (known > 0 && sequence.Read(layout, b, emissions)) {
      loss = AddLoss(&sequence, labels, d_emissions != nullptr, workspace, &sums);
    } else if (known > 0) {
      sums.loss = loss;
      FindLargest(layout, b, C, emissions, labels.best);
    }
    if (known > 0) counts.Add(layout.Length(b), labels, &sums);
    sums.targets += known;
    if (d_emissions == nullptr) continue;
    if (std::isfinite(loss)) {
      AddGradient(layout, b, C, sequence, d_emissions, gradient);
    } else {
      ClearRows(layout, b, C, d_emissions);
    }
  }
  return sums;
}

template <typename S>
void AddTo(Index count, const double* sums, S* gradient) {
  for (Index i = 0; i < count; ++i) gradient[i] += static_cast<S>(sums[i]);
}

}  // namespace

template <typename S>
StepSums CrfLoss(const PackedLayout& layout, std::span<const std::int32_t> targets,
                 const CrfRules& rules, const CrfParameters<const S>& values, S* emissions,
                 const CrfParameters<S>& gradient, Workspace* workspace) {
  const Index mark = workspace->used_bytes(), C = rules.classes;
  const CrfWeights weights(rules, values, workspace);
  ParameterSums parameters(C, workspace);
  const StepSums sums =
      AllSequences(layout, targets, weights, emissions, emissions, &parameters, {}, workspace);
  AddTo(C * C, parameters.transitions, gradient.transitions);
  AddTo(C, parameters.start, gradient.start);
  AddTo(C, parameters.end, gradient.end);
  workspace->Rewind(mark);
  return sums;
}

template <typename S>
StepSums CrfLossOnly(const PackedLayout& layout, std::span<const std::int32_t> targets,
                     const CrfRules& rules, const CrfParameters<const S>& values,
                     const S* emissions, Workspace* workspace, ClassTally* tally,
                     const SpanTags* spans) {
  const Index mark = workspace->used_bytes();
  const CrfWeights weights(rules, values, workspace);
  const StepSums sums = AllSequences<S>(layout, targets, weights, emissions, nullptr, nullptr,
                                        {tally, spans}, workspace);
  workspace->Rewind(mark);
  return sums;
}

Index CrfWorkspaceBytes(Index steps, Index classes) {
  return CrfWeights::Bytes(classes) + ParameterSums::Bytes(classes) +
         CrfSequence::Bytes(steps, classes) + CrfLabels::Bytes(steps) +
         BestLabelsBytes(steps, classes);
}

template StepSums CrfLoss(const PackedLayout&, std::span<const std::int32_t>, const CrfRules&,
                          const CrfParameters<const float>&, float*, const CrfParameters<float>&,
                          Workspace*);
template StepSums CrfLoss(const PackedLayout&, std::span<const std::int32_t>, const CrfRules&,
                          const CrfParameters<const double>&, double*, const CrfParameters<double>&,
                          Workspace*);
template StepSums CrfLossOnly(const PackedLayout&, std::span<const std::int32_t>, const CrfRules&,
                              const CrfParameters<const float>&, const float*, Workspace*,
                              ClassTally*, const SpanTags*);
template StepSums CrfLossOnly(const PackedLayout&, std::span<const std::int32_t>, const CrfRules&,
                              const CrfParameters<const double>&, const double*, Workspace*,
                              ClassTally*, const SpanTags*);

}  // namespace lockstep
