#include "worker/losses/cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "worker/kernels/exponentials.h"

namespace lockstep {
namespace {

// What the loss needs of the logits of a row besides the sum of their exponentials. All are
// differences from the largest logit, so that nothing is lost when all logits are large.
template <typename S>
struct RowLogits {
  S max;  // the largest logit itself
  Index best;
  S target;
  S all;  // summed over the classes; only if the target is smoothed
};

template <typename S>
RowLogits<S> LogitsOf(Index classes, const S* x, std::int32_t target, S e) {
  const Index best = std::max_element(x, x + classes) - x;
  S all = 0;
  for (Index v = 0; e != 0 && v < classes; ++v) all += x[v] - x[best];
  return {x[best], best, x[target] - x[best], all};
}

template <typename S>
S WeightOf(std::span<const S> weights, std::int32_t target) {
  return weights.empty() ? S{1} : weights[static_cast<std::size_t>(target)];
}

// The cross-entropy of a row with its target smoothed by e; `sum` is that of exp(x - max).
template <typename S>
S RowLoss(const RowLogits<S>& row, S sum, Index classes, S e) {
  if (e == 0) return std::log(sum) - row.target;
  return std::log(sum) - (1 - e) * row.target - e / static_cast<S>(classes) * row.all;
}

template <typename S>
void AddRow(const RowLogits<S>& row, std::int32_t target, S loss, StepSums* sums) {
  sums->loss += static_cast<double>(loss);
  sums->targets += 1;
  sums->counts[0] += row.best == target ? 1 : 0;
}

// Turns the exponentials into the gradient.
template <typename S>
void SetGradient(S sum, Index classes, std::int32_t target, S e, S* x) {
  const S scale = S(1) / sum;
  const S uniform = e / static_cast<S>(classes);
  for (Index v = 0; v < classes; ++v) x[v] = x[v] * scale - uniform;
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
      const RowLogits<S> row = LogitsOf(classes, logits, target, e);
      const S weight = WeightOf(weights, target);
      // With many classes, exponentials are most of the work: once for the loss and the gradient.
      const S sum = TakeExponentials(classes, row.max, logits);
      AddRow(row, target, weight * RowLoss(row, sum, classes, e), &sums);
      SetGradient(sum, classes, target, e, logits);
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
      const RowLogits<S> row = LogitsOf(classes, logits, target, S(0));
      const S sum = SumOfExponentials(classes, row.max, logits);
      AddRow(row, target, WeightOf(weights, target) * RowLoss(row, sum, classes, S(0)), &sums);
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
