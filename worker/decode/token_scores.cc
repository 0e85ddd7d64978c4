#include "worker/decode/token_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/function_clones.h"
#include "worker/kernels/exponentials.h"

namespace lockstep {
namespace {

// Several numbers at once. Logits have no alignment but that of float.
using FloatLanes = float __attribute__((vector_size(64), aligned(4), may_alias));
using DoubleLanes = double __attribute__((vector_size(64), may_alias));
constexpr Index kFloatLanes = 16, kDoubleLanes = 8;

LOCKSTEP_CLONES
float LargestOf(Index count, const float* x) {
  FloatLanes most = FloatLanes{} - std::numeric_limits<float>::infinity();
  Index i = 0;
  for (; i + kFloatLanes <= count; i += kFloatLanes) {
    const FloatLanes lanes = *reinterpret_cast<const FloatLanes*>(x + i);
    most = lanes > most ? lanes : most;
  }
  float largest = -std::numeric_limits<float>::infinity();
  for (; i < count; ++i) largest = std::max(largest, x[i]);
  for (Index k = 0; k < kFloatLanes; ++k) largest = std::max(largest, most[k]);
  return largest;
}

LOCKSTEP_CLONES
double LargestOfBlock(const double* x) {
  DoubleLanes most = DoubleLanes{} - std::numeric_limits<double>::infinity();
  for (Index i = 0; i < TokenScores::kBlock; i += kDoubleLanes) {
    const DoubleLanes& lanes = *reinterpret_cast<const DoubleLanes*>(x + i);
    most = lanes > most ? lanes : most;
  }
  double largest = -std::numeric_limits<double>::infinity();
  for (Index k = 0; k < kDoubleLanes; ++k) largest = std::max(largest, most[k]);
  return largest;
}

// Adds the share of a model to the means of some ids.
LOCKSTEP_CLONES
void AddShare(Index count, const float* logits, double log_sum, double share, double* means) {
  for (Index i = 0; i < count; ++i) means[i] += share * (static_cast<double>(logits[i]) - log_sum);
}

}  // namespace

void TokenScores::Add(std::span<const float> logits, double share) {
  ModelScores& model = models_.emplace_back();
  model.logits = logits;
  model.share = share;
  for (const float* row = logits.data(); row < logits.data() + logits.size(); row += classes_) {
    const float most = LargestOf(classes_, row);
    model.log_sums.push_back(
        static_cast<double>(most + std::log(SumOfExponentials(classes_, most, row))));
  }
}

void TokenScores::Take(Index row, Index first, Block* block) const {
  block->count = std::min(kBlock, classes_ - first);
  double* const means = block->log_probabilities.data();
  std::fill_n(means, block->count, 0.0);
  for (const ModelScores& model : models_) {
    AddShare(block->count, model.logits.data() + row * classes_ + first,
             model.log_sums[static_cast<std::size_t>(row)], model.share, means);
  }
  std::fill(means + block->count, means + kBlock, -std::numeric_limits<double>::infinity());
  block->largest = LargestOfBlock(means);
}

}  // namespace lockstep
