// The sums of crf_chain.h with logarithms, for chains whose probabilities differ too much for
// ordinary numbers: scores far apart where the order of labels forces the worse ones, as happens
// in runs that diverge.
#include <algorithm>
#include <cmath>
#include <limits>

#include "worker/losses/crf_chain.h"

namespace lockstep {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

// log(sum over i of exp(a_i + b_i)).
double LogSum(Index count, const double* a, const double* b) {
  double largest = kNone;
  for (Index i = 0; i < count; ++i) largest = std::max(largest, a[i] + b[i]);
  if (largest == kNone) return kNone;
  double sum = 0;
  for (Index i = 0; i < count; ++i) sum += std::exp(a[i] + b[i] - largest);
  return largest + std::log(sum);
}

// forward [t, j]: over all labels before step t, with the scores of step t.
double Forward(const CrfWeights& weights, const CrfChain& chain, double* forward) {
  const Index C = weights.classes(), stride = weights.stride();
  for (Index t = 0; t < chain.steps; ++t) {
    double* const a = forward + t * stride;
    for (Index j = 0; j < C; ++j) {
      const double before =
          t == 0 ? chain.entry.logs[j] : LogSum(C, a - stride, weights.Before(j).logs);
      a[j] = before + chain.emissions.logs[t * stride + j];
    }
  }
  return LogSum(C, forward + (chain.steps - 1) * stride, chain.exit.logs);
}

// following [t, j]: over all labels after step t, with the scores of step t. Sets the marginals.
void Backward(const CrfWeights& weights, const CrfChain& chain, double total,
              const CrfArrays& arrays) {
  const Index C = weights.classes(), stride = weights.stride();
  for (Index t = chain.steps - 1; t >= 0; --t) {
    double* const w = arrays.following + t * stride;
    double* const marginals = arrays.marginals + t * stride;
    std::fill_n(marginals, stride, 0.0);
    for (Index j = 0; j < C; ++j) {
      const double after =
          t == chain.steps - 1 ? chain.exit.logs[j] : LogSum(C, w + stride, weights.After(j).logs);
      marginals[j] = std::exp(arrays.forward[t * stride + j] + after - total);
      w[j] = after + chain.emissions.logs[t * stride + j];
    }
  }
}

void AddPairs(const CrfWeights& weights, Index steps, double total, double sign,
              const CrfArrays& arrays, double* counts) {
  const Index C = weights.classes(), stride = weights.stride();
  for (Index t = 1; t < steps; ++t) {
    const double* const w = arrays.following + t * stride;
    for (Index i = 0; i < C; ++i) {
      const double before = arrays.forward[(t - 1) * stride + i] - total;
      const double* const transitions = weights.After(i).logs;
      for (Index j = 0; j < C; ++j) {
        counts[i * stride + j] += sign * std::exp(before + transitions[j] + w[j]);
      }
    }
  }
}

}  // namespace

double SumChainInLogs(const CrfWeights& weights, const CrfChain& chain, double sign,
                      const CrfArrays& arrays, const CrfPairs* pairs) {
  const double total = Forward(weights, chain, arrays.forward);
  arrays.scales[0] = 0;
  if (total == kNone) return kNone;
  Backward(weights, chain, total, arrays);
  if (pairs != nullptr) AddPairs(weights, chain.steps, total, sign, arrays, pairs->counts);
  return total;
}

double ProbabilityOfRunInLogs(const CrfWeights& weights, const CrfChain& chain,
                              const CrfArrays& arrays, const CrfRun& run,
                              FunctionRef<bool(std::int32_t)> ends) {
  const Index stride = weights.stride(), end = run.begin + std::ssize(run.labels);
  const double total =
      LogSum(weights.classes(), arrays.forward + (chain.steps - 1) * stride, chain.exit.logs);
  std::int32_t label = run.labels[0];
  double score = arrays.forward[run.begin * stride + label] - total;
  for (Index t = run.begin + 1; t < end; ++t) {
    const std::int32_t next = run.labels[static_cast<std::size_t>(t - run.begin)];
    score += weights.After(label).logs[next] + chain.emissions.logs[t * stride + next];
    label = next;
  }
  if (end == chain.steps) return std::exp(score + chain.exit.logs[label]);
  double probability = 0;
  for (std::int32_t next = 0; next < weights.classes(); ++next) {
    if (!ends(next)) continue;
    probability +=
        std::exp(score + weights.After(label).logs[next] + arrays.following[end * stride + next]);
  }
  return probability;
}

}  // namespace lockstep
