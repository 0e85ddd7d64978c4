#include "worker/losses/cross_entropy.h"

#include <algorithm>
#include <cmath>

namespace lockstep {
namespace {

template <typename S>
struct RowResult {
  S max;
  S sum;  // of exp(x - max)
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
void AddRow(const RowResult<S>& row, const S* x, std::int32_t target, LossSums* sums) {
  sums->loss += static_cast<double>(std::log(row.sum) - (x[target] - row.max));
  sums->targets += 1;
  sums->correct += row.best == target ? 1 : 0;
}

template <typename S>
void SetGradient(const RowResult<S>& row, Index classes, std::int32_t target, S* x) {
  const S scale = S(1) / row.sum;
  for (Index v = 0; v < classes; ++v) x[v] = std::exp(x[v] - row.max) * scale;
  x[target] -= S(1);
}

}  // namespace

template <typename S>
LossSums CrossEntropy(std::span<const std::int32_t> targets, Index classes, S* logits) {
  LossSums sums;
  for (std::int32_t target : targets) {
    if (target < 0) {
      std::fill_n(logits, classes, S(0));
    } else {
      const RowResult<S> row = Normalise(classes, logits);
      AddRow(row, logits, target, &sums);
      SetGradient(row, classes, target, logits);
    }
    logits += classes;
  }
  return sums;
}

template <typename S>
LossSums CrossEntropyLoss(std::span<const std::int32_t> targets, Index classes, const S* logits) {
  LossSums sums;
  for (std::int32_t target : targets) {
    if (target >= 0) AddRow(Normalise(classes, logits), logits, target, &sums);
    logits += classes;
  }
  return sums;
}

template LossSums CrossEntropy(std::span<const std::int32_t>, Index, float*);
template LossSums CrossEntropy(std::span<const std::int32_t>, Index, double*);
template LossSums CrossEntropyLoss(std::span<const std::int32_t>, Index, const float*);
template LossSums CrossEntropyLoss(std::span<const std::int32_t>, Index, const double*);

}  // namespace lockstep
