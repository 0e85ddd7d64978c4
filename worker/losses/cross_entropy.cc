#include "worker/losses/cross_entropy.h"

#include <algorithm>
#include <cmath>

namespace lockstep {
namespace {

template <typename S>
struct RowResult {
  S max;
  S sum;  // sum over the row of exp(x - max)
  Index best;
};

template <typename S>
RowResult<S> Normalise(Index classes, const S* x) {
  const Index best = std::max_element(x, x + classes) - x;
  S sum = 0;
  for (Index v = 0; v < classes; ++v) sum += std::exp(x[v] - x[best]);
  return {x[best], sum, best};
}

template <typename S>
S WeightOf(std::span<const S> weights, std::int32_t target) {
  return weights.empty() ? S{1} : weights[static_cast<std::size_t>(target)];
}

// The cross-entropy of a row with its target.
template <typename S>
S RowLoss(const RowResult<S>& row, const S* x, std::int32_t target) {
  return std::log(row.sum) - (x[target] - row.max);
}

// The same with a target smoothed by e. Only differences from the largest logit are added, so that
// nothing is lost when all logits are large.
template <typename S>
S SmoothedLoss(const RowResult<S>& row, const S* x, std::int32_t target, Index classes, S e) {
  S uniform = 0;
  for (Index v = 0; v < classes; ++v) uniform += x[v] - row.max;
  return std::log(row.sum) - (1 - e) * (x[target] - row.max) -
         e / static_cast<S>(classes) * uniform;
}

template <typename S>
void AddRow(const RowResult<S>& row, std::int32_t target, S loss, StepSums* sums) {
  sums->loss += static_cast<double>(loss);
  sums->targets += 1;
  sums->counts[0] += row.best == target ? 1 : 0;
}

template <typename S>
void SetGradient(const RowResult<S>& row, Index classes, std::int32_t target, S e, S* x) {
  const S scale = S(1) / row.sum;
  const S uniform = e / static_cast<S>(classes);
  for (Index v = 0; v < classes; ++v) x[v] = std::exp(x[v] - row.max) * scale - uniform;
  x[target] -= 1 - e;
}

}  // namespace

template <typename S>
StepSums CrossEntropy(std::span<const std::int32_t> targets, Index classes, S* logits,
                      std::span<const S> weights, double smoothing, const StepSums& before) {
  const S e = static_cast<S>(smoothing);
  StepSums sums = before;
  for (std::int32_t target : targets) {
    if (target < 0) {
      std::fill_n(logits, classes, S(0));
    } else {
      const RowResult<S> row = Normalise(classes, logits);
      const S weight = WeightOf(weights, target);
      const S loss =
          e == 0 ? RowLoss(row, logits, target) : SmoothedLoss(row, logits, target, classes, e);
      AddRow(row, target, weight * loss, &sums);
      SetGradient(row, classes, target, e, logits);
      for (Index v = 0; !weights.empty() && v < classes; ++v) logits[v] *= weight;
    }
    logits += classes;
  }
  return sums;
}

template <typename S>
StepSums CrossEntropyLoss(std::span<const std::int32_t> targets, Index classes, const S* logits,
                          std::span<const S> weights, ClassTally* tally, const StepSums& before) {
  StepSums sums = before;
  for (std::int32_t target : targets) {
    if (target >= 0) {
      const RowResult<S> row = Normalise(classes, logits);
      AddRow(row, target, WeightOf(weights, target) * RowLoss(row, logits, target), &sums);
      if (tally != nullptr) tally->Add(target, row.best);
    }
    logits += classes;
  }
  return sums;
}

template StepSums CrossEntropy(std::span<const std::int32_t>, Index, float*, std::span<const float>,
                               double, const StepSums&);
template StepSums CrossEntropy(std::span<const std::int32_t>, Index, double*,
                               std::span<const double>, double, const StepSums&);
template StepSums CrossEntropyLoss(std::span<const std::int32_t>, Index, const float*,
                                   std::span<const float>, ClassTally*, const StepSums&);
template StepSums CrossEntropyLoss(std::span<const std::int32_t>, Index, const double*,
                                   std::span<const double>, ClassTally*, const StepSums&);

}  // namespace lockstep
