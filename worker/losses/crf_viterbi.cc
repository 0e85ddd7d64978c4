#include "worker/losses/crf_viterbi.h"

#include <algorithm>
#include <limits>

#include "base/function_clones.h"

namespace lockstep {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

// y(j) = max over i of x(i) + table(i, j), reached first at i = from(j).
LOCKSTEP_CLONES
void BestBefore(Index classes, Index stride, const double* x, const double* table, double* y,
                std::int32_t* from) {
  for (Index j = 0; j < stride; j += kCrfLanes) {
    CrfLanes best = x[0] + LanesAt(table + j);
    CrfLaneIds at = {};
    for (Index i = 1; i < classes; ++i) {
      const CrfLanes score = x[i] + LanesAt(table + i * stride + j);
      const CrfLaneIds better = score > best;
      at = better ? CrfLaneIds{} + i : at;
      best = better ? score : best;
    }
    LanesAt(y + j) = best;
    for (Index k = 0; k < kCrfLanes; ++k) from[j + k] = static_cast<std::int32_t>(at[k]);
  }
}

std::int32_t LargestOf(Index classes, const double* x) {
  return static_cast<std::int32_t>(std::max_element(x, x + classes) - x);
}

}  // namespace

bool FindBestLabels(const CrfWeights& weights, const CrfChain& chain, Workspace* workspace,
                    std::span<std::int32_t> labels) {
  const Index mark = workspace->used_bytes(), stride = weights.stride(), T = chain.steps;
  const double* const emissions = chain.emissions.logs;
  double* score = workspace->Take<double>(stride);
  double* next = workspace->Take<double>(stride);
  std::int32_t* const from = workspace->Take<std::int32_t>(T * stride);
  for (Index j = 0; j < stride; ++j) score[j] = chain.entry.logs[j] + emissions[j];
  for (Index t = 1; t < T; ++t) {
    BestBefore(weights.classes(), stride, score, weights.After(0).logs, next, from + t * stride);
    for (Index j = 0; j < stride; ++j) next[j] += emissions[t * stride + j];
    std::swap(score, next);
  }
  for (Index j = 0; j < stride; ++j) score[j] += chain.exit.logs[j];
  std::int32_t label = LargestOf(weights.classes(), score);
  const bool found = score[label] > kNone;
  for (Index t = T - 1; t >= 0; --t) {
    labels[static_cast<std::size_t>(t)] =
        found ? label : LargestOf(weights.classes(), emissions + t * stride);
    if (t > 0) label = from[t * stride + label];
  }
  workspace->Rewind(mark);
  return found;
}

Index BestLabelsBytes(Index steps, Index classes) {
  const Index stride = CrfStride(classes);
  return 2 * Workspace::BytesFor<double>(stride) +
         Workspace::BytesFor<std::int32_t>(steps * stride);
}

}  // namespace lockstep
