#include "worker/losses/crf_sequence.h"

#include <cmath>
#include <limits>

#include "worker/losses/crf_viterbi.h"
#include "worker/losses/wide_number.h"

namespace lockstep {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

}  // namespace

CrfSequence::CrfSequence(const CrfWeights& weights, Index steps, Workspace* workspace)
    : weights_(weights),
      emissions_{workspace->Take<double>(steps * weights.stride()),
                 workspace->Take<double>(steps * weights.stride()), workspace->Take<double>(steps)},
      arrays_(steps, weights.classes(), workspace),
      gap_marginals_(workspace->Take<double>(steps * weights.stride())),
      scratch_(workspace->Take<double>(2 * weights.stride())),
      pairs_{workspace->Take<double>(weights.stride() * weights.stride()),
             workspace->Take<double>(weights.stride() * weights.stride())} {}

Index CrfSequence::Bytes(Index steps, Index classes) {
  const Index stride = CrfStride(classes);
  return 3 * Workspace::BytesFor<double>(steps * stride) + Workspace::BytesFor<double>(steps) +
         CrfArrays::Bytes(steps, classes) + Workspace::BytesFor<double>(2 * stride) +
         2 * Workspace::BytesFor<double>(stride * stride);
}

template <typename S>
bool CrfSequence::Read(const PackedLayout& layout, Index b, const S* emissions) {
  const Index C = weights_.classes(), stride = weights_.stride();
  double check = 0;  // not finite if an emission is not
  steps_ = layout.Length(b);
  for (Index t = 0; t < steps_; ++t) {
    const S* const x = emissions + layout.Row(t, b) * C;
    double* const logs = emissions_.logs + t * stride;
    double* const ratios = emissions_.ratios + t * stride;
    const auto largest = static_cast<double>(*std::max_element(x, x + C));
    for (Index k = 0; k < C; ++k) {
      logs[k] = static_cast<double>(x[k]);
      scratch_[k] = logs[k] - largest;
      check += scratch_[k];
    }
    WideExp(C, scratch_, scratch_ + stride, ratios);
    std::fill(logs + C, logs + stride, kNone);
    std::fill(ratios + C, ratios + stride, 0.0);
    emissions_.offsets[t] = largest;
  }
  return std::isfinite(check) && weights_.is_finite();
}

CrfChain CrfSequence::Piece(Index begin, Index end, const CrfRow& entry, const CrfRow& exit) const {
  const Index at = begin * weights_.stride();
  return {end - begin,
          {emissions_.logs + at, emissions_.ratios + at, emissions_.offsets + begin},
          entry,
          exit};
}

double CrfSequence::SumAll(bool with_pairs) {
  const Index count = weights_.stride() * weights_.stride();
  std::fill_n(pairs_.ratios, count, 0.0);
  std::fill_n(pairs_.counts, count, 0.0);
  return SumChain(weights_, Piece(0, steps_, weights_.Start(), weights_.End()), 1, arrays_,
                  with_pairs ? &pairs_ : nullptr);
}

double CrfSequence::RunProbability(const CrfRun& run, FunctionRef<bool(std::int32_t)> ends) const {
  return ProbabilityOfRun(weights_, Piece(0, steps_, weights_.Start(), weights_.End()), arrays_,
                          run, ends);
}

double CrfSequence::SubtractKnown(std::span<const std::int32_t> labels) {
  double score = 0;
  for (Index t = 0; t < steps_;) {
    Index end = t;
    while (end < steps_ && labels[static_cast<std::size_t>(end)] < 0) ++end;
    score += end > t ? SubtractGap(labels, t, end) : SubtractLabel(labels, t);
    if (score == kNone) break;
    t = std::max(end, t + 1);
  }
  return score;
}

// The known label of step t, with the transition from a known label before it.
double CrfSequence::SubtractLabel(std::span<const std::int32_t> labels, Index t) {
  const Index stride = weights_.stride(), at = t * stride;
  const std::int32_t label = labels[static_cast<std::size_t>(t)];
  double score = emissions_.logs[at + label];
  arrays_.marginals[at + label] -= 1;
  if (t == 0) score += weights_.Start().logs[label];
  if (t == steps_ - 1) score += weights_.End().logs[label];
  if (t == 0 || labels[static_cast<std::size_t>(t - 1)] < 0) return score;
  const std::int32_t before = labels[static_cast<std::size_t>(t - 1)];
  pairs_.counts[before * stride + label] -= 1;
  return score + weights_.After(before).logs[label];
}

// The unknown labels of steps [begin, end), with the transitions from and to the known labels
// around them. Uses the scratch memory of SumAll, whose results are in the marginals and pairs.
double CrfSequence::SubtractGap(std::span<const std::int32_t> labels, Index begin, Index end) {
  const Index C = weights_.classes(), stride = weights_.stride();
  const std::int32_t before = begin == 0 ? -1 : labels[static_cast<std::size_t>(begin - 1)];
  const std::int32_t after = end == steps_ ? -1 : labels[static_cast<std::size_t>(end)];
  CrfArrays arrays = arrays_;
  arrays.marginals = gap_marginals_;
  const double sum =
      SumChain(weights_,
               Piece(begin, end, before < 0 ? weights_.Start() : weights_.After(before),
                     after < 0 ? weights_.End() : weights_.Before(after)),
               -1, arrays, &pairs_);
  if (sum == kNone) return sum;
  const double* const first = gap_marginals_;
  const double* const last = gap_marginals_ + (end - begin - 1) * stride;
  for (Index k = 0; before >= 0 && k < C; ++k) pairs_.counts[before * stride + k] -= first[k];
  for (Index k = 0; after >= 0 && k < C; ++k) pairs_.counts[k * stride + after] -= last[k];
  double* const all = arrays_.marginals + begin * stride;
  for (Index i = 0; i < (end - begin) * stride; ++i) all[i] -= gap_marginals_[i];
  return sum;
}

bool CrfSequence::FindBest(Workspace* workspace, std::span<std::int32_t> labels) const {
  return FindBestLabels(weights_, Piece(0, steps_, weights_.Start(), weights_.End()), workspace,
                        labels);
}

void CrfSequence::AddPairs(double* sums) const {
  const Index C = weights_.classes(), stride = weights_.stride();
  const double* const ratios = weights_.After(0).ratios;
  for (Index i = 0; i < C; ++i) {
    for (Index j = 0; j < C; ++j) {
      const Index at = i * stride + j;
      sums[i * C + j] += pairs_.ratios[at] * ratios[at] + pairs_.counts[at];
    }
  }
}

template bool CrfSequence::Read(const PackedLayout&, Index, const float*);
template bool CrfSequence::Read(const PackedLayout&, Index, const double*);

}  // namespace lockstep
