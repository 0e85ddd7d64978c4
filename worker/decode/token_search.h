// Finds the most probable target of each source sequence by beam search, one id at a time
// (Sutskever et al. 2014, arXiv:1409.3215; Wu et al. 2016, arXiv:1609.08144, section 7).
//
// A hypothesis y of source x with |y| ids, the end included, has the score
//   s(y, x) = log P(y | x) / lp(y) + cp(x, y)
//   lp(y)   = ((5 + |y|) / 6) ^ length_penalty
//   cp(x,y) = coverage_penalty * sum over source steps i of log(min(sum over j of a_ij, 1))
// where a_ij is the attention of the hypothesis to source step i as it wrote id j. Searching
// prefers the largest log P among hypotheses of one length; the score ranks those that have ended.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "worker/models/token_stepper.h"

namespace lockstep {

struct SearchOptions {
  Index beam = 5;               // hypotheses of a source that are kept at each step; 1: greedy
  Index n_best = 1;             // hypotheses that are returned for each source, at most `beam`
  double length_penalty = 1;    // at least 0; 0 compares the sums of log probabilities
  double coverage_penalty = 0;  // at least 0; needs a model with attention
  // A hypothesis has at most most_ratio * source steps + most_extra ids, the end included. Those
  // that have not ended by then are returned as they are, with `ended` false, if too few others
  // have.
  double most_ratio = 2;
  Index most_extra = 10;
  bool keep_attention = false;  // whether hypotheses come with their attention
};

struct Hypothesis {
  std::vector<std::int32_t> tokens;  // without the end
  double score = 0;
  double log_probability = 0;  // of all tokens, and of the end if it was written
  bool ended = false;
  // Only if it was asked for, and the first model has attention: by step (that of the end
  // included), the weights of the source steps.
  std::vector<std::vector<float>> attention;
};

// Returns the hypotheses of each sequence of `source`, best first: at least one, at most n_best.
// `models` are steppers for the same classes; several are an ensemble, whose probability of an id
// is the geometric mean of theirs, not normalised: the mean of their log probabilities. `start` is
// what the first step reads, and `end` the id that ends a hypothesis. What is found for a sequence
// does not depend on the others in the batch. The steppers must have room for sequences * beam
// rows.
std::vector<std::vector<Hypothesis>> SearchTokens(std::span<TokenStepper<float>* const> models,
                                                  const SlotBatch& source, std::int32_t start,
                                                  std::int32_t end, const SearchOptions& options);

}  // namespace lockstep
