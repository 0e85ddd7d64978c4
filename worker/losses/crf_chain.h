// Sums over all label sequences of a chain of steps (forward-backward, Rabiner 1989), with scores
// for what comes before the first step and after the last one. A whole sequence is such a chain;
// so is a run of steps without targets between two steps with targets.
#pragma once

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

  double* forward;    // [steps, stride]: sums over what comes before; scratch
  double* following;  // [steps, stride]: sums over what comes after; scratch
  double* scales;     // [steps]; scratch
  double* marginals;  // [steps, stride]: set to the probability of each label at each step
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

}  // namespace lockstep
