// One sequence of a slot for a conditional random field: its emissions and what is computed from
// them. The memory is used for one sequence after another.
#pragma once

#include <algorithm>
#include <span>

#include "data/batch/batch.h"
#include "worker/losses/crf_chain.h"

namespace lockstep {

class CrfSequence {
 public:
  // For sequences of at most `steps` steps. The memory is in the workspace.
  CrfSequence(const CrfWeights& weights, Index steps, Workspace* workspace);
  static Index Bytes(Index steps, Index classes);

  // Reads the emissions [rows, classes] of sequence b of a slot. Returns false if one is not
  // finite, or a parameter is not; nothing else may be called then.
  template <typename S>
  bool Read(const PackedLayout& layout, Index b, const S* emissions);
  // The sum over all label sequences; sets the marginals and, if `with_pairs`, the pairs.
  double SumAll(bool with_pairs);
  // The sum over the label sequences that agree with the known labels [steps()]. Subtracts their
  // marginals and pairs from those of SumAll, which must have been called before.
  double SubtractKnown(std::span<const std::int32_t> labels);
  // The probability, after SumAll and before SubtractKnown, that the sequence has the labels of a
  // run and that `ends` is true for the label after it (ProbabilityOfRun).
  double RunProbability(const CrfRun& run, FunctionRef<bool(std::int32_t)> ends) const;
  // Sets labels [steps()] to the best label sequence; see FindBestLabels.
  bool FindBest(Workspace* workspace, std::span<std::int32_t> labels) const;

  Index steps() const { return steps_; }
  const double* Marginals(Index t) const { return arrays_.marginals + t * weights_.stride(); }
  // Adds the expected numbers of pairs to `sums` [classes, classes].
  void AddPairs(double* sums) const;

 private:
  CrfChain Piece(Index begin, Index end, const CrfRow& entry, const CrfRow& exit) const;
  double SubtractGap(std::span<const std::int32_t> labels, Index begin, Index end);
  double SubtractLabel(std::span<const std::int32_t> labels, Index t);

  const CrfWeights& weights_;
  Index steps_ = 0;
  CrfEmissions emissions_;
  CrfArrays arrays_;
  double* gap_marginals_;  // [steps, stride]
  double* scratch_;        // [2, stride]
  CrfPairs pairs_;
};

}  // namespace lockstep
