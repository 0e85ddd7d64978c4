// Sequences of one slot with random logits and labels, and CTC loss and gradient of them in a
// workspace that is not a byte larger than the loss asks for.
#pragma once

#include <algorithm>
#include <vector>

#include "base/counter_rng.h"
#include "data/batch/label_fit.h"
#include "worker/losses/ctc_loss.h"

namespace lockstep {

using Labels = std::vector<std::int32_t>;

struct CtcProblem {
  // lengths [B] descend; `sequences` [B] are their labels. Logits are values of float.
  CtcProblem(Index width, const std::vector<Index>& lengths, const std::vector<Labels>& sequences,
             std::uint64_t seed = 1)
      : layout(lengths), classes(width) {
    const CounterRng rng(seed, RandomPurpose::kTest);
    for (Index i = 0; i < layout.rows() * classes; ++i) {
      const double draw = 2 * rng.Normal(static_cast<std::uint64_t>(i));
      logits.push_back(static_cast<double>(static_cast<float>(draw)));
    }
    for (const Labels& sequence : sequences) {
      labels.insert(labels.end(), sequence.begin(), sequence.end());
      offsets.push_back(static_cast<Index>(labels.size()));
      most_labels = std::max(most_labels, static_cast<Index>(sequence.size()));
    }
  }

  Workspace MakeWorkspace() const {
    return Workspace(CtcWorkspaceBytes(layout.steps(), most_labels, classes));
  }
  template <typename S = double>
  StepSums Loss() const {
    const std::vector<S> x(logits.begin(), logits.end());
    Workspace workspace = MakeWorkspace();
    return CtcLossOnly(layout, labels, offsets, classes, x.data(), &workspace);
  }
  template <typename S = double>
  std::vector<S> Gradient(StepSums* sums) const {
    std::vector<S> x(logits.begin(), logits.end());
    Workspace workspace = MakeWorkspace();
    *sums = CtcLoss(layout, labels, offsets, classes, x.data(), &workspace);
    return x;
  }

  PackedLayout layout;
  Index classes;
  Index most_labels = 0;
  std::vector<double> logits;  // [rows, classes]
  Labels labels;
  std::vector<Index> offsets{0};
};

// `count` labels of [1, classes), every fifth as the one before, or as many as fit into `steps`.
inline Labels RandomLabels(Index count, Index classes, Index steps, std::uint64_t seed) {
  const CounterRng rng(seed, RandomPurpose::kTest, 1);
  Labels labels;
  while (static_cast<Index>(labels.size()) < count) {
    const std::uint64_t at = labels.size();
    const bool repeats = at > 0 && rng.Below(2 * at, 5) == 0;
    const auto drawn = rng.Below(2 * at + 1, static_cast<std::uint64_t>(classes - 1));
    labels.push_back(repeats ? labels.back() : static_cast<std::int32_t>(drawn) + 1);
    if (LeastStepsFor(labels) > steps) {
      labels.pop_back();
      break;
    }
  }
  return labels;
}

}  // namespace lockstep
