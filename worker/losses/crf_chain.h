// Sums over all label sequences of a chain of steps (forward-backward, Rabiner 1989), with scores
// for what comes before the first step and after the last one. A whole sequence is such a chain;
// so is a run of steps without targets between two steps with targets.
#pragma once

#include <cstdint>
#include <span>

#include "base/function_ref.h"
#include "worker/losses/crf_weights.h"

namespace lockstep {

// The scores of the labels of consecutive steps. Rows as in CrfWeights; each step has its own
// offset, so that its largest ratio is 1.
struct CrfEmissions {
  double* logs;     // [steps, stride]
  double* ratios;   // [steps, stride]
  double* offsets;  // [steps]
};

struct CrfChain {
  Index steps;             // at least 1
  CrfEmissions emissions;  // of its first step
  CrfRow entry;            // added to the scores of the first step
  CrfRow exit;             // added to the scores of the last step
};

// Memory of a chain of `steps` steps, and what SumChain leaves there.
struct CrfArrays {
  CrfArrays(Index steps, Index classes, Workspace* workspace);
  static Index Bytes(Index steps, Index classes);

  double* forward;    // [steps, stride]: sums over what comes before
  double* following;  // [steps, stride]: sums over what comes after
  double* scales;     // [steps]; the first is 0 if forward and following are logarithms
  double* marginals;  // [steps, stride]: set to the probability of each label at each step
};

// The labels of steps [begin, begin + labels.size()) of a chain, at least one.
struct CrfRun {
  Index begin = 0;
  std::span<const std::int32_t> labels = {};
};

// Expected numbers of pairs of neighbours [stride, stride]: those in `ratios` are still to be
// multiplied by the ratios of the transitions.
struct CrfPairs {
  double* ratios;
  double* counts;
};

// Returns the logarithm of the sum over all label sequences of exp(score), and sets the marginals.
// Adds `sign` times the expected number of each pair of neighbours to `pairs`, unless that is null.
// Minus infinity if no sequence is allowed; nothing is set then. All scores must be finite or
// forbidden. Nothing underflows: where ordinary numbers do not suffice, it computes with
// logarithms.
double SumChain(const CrfWeights& weights, const CrfChain& chain, double sign,
                const CrfArrays& arrays, const CrfPairs* pairs);

// The same with logarithms, slowly; for SumChain and for tests.
double SumChainInLogs(const CrfWeights& weights, const CrfChain& chain, double sign,
                      const CrfArrays& arrays, const CrfPairs* pairs);

// The probability that a label sequence of the chain has the labels of a run, and that the label
// after the run, if it does not end the chain, is one for which `ends` is true. `arrays` are as
// SumChain left them, which must have found a sequence. Takes time for the run and for one row of
// classes, however long the chain is.
double ProbabilityOfRun(const CrfWeights& weights, const CrfChain& chain, const CrfArrays& arrays,
                        const CrfRun& run, FunctionRef<bool(std::int32_t)> ends);
// The same after SumChainInLogs; for ProbabilityOfRun.
double ProbabilityOfRunInLogs(const CrfWeights& weights, const CrfChain& chain,
                              const CrfArrays& arrays, const CrfRun& run,
                              FunctionRef<bool(std::int32_t)> ends);

}  // namespace lockstep
