// The scores of additive attention (Bahdanau et al. 2015, arXiv:1409.0473, section A.1.2) of some
// queries for the steps of one source:
//   score_ts = sum over j of v_j tanh(q_tj + k_sj)
// The tanh of all pairs is not kept: backward computes it again.
#pragma once

#include "base/types.h"

namespace lockstep {

template <typename S>
struct AdditivePairs {
  Index queries = 0;  // rows of q
  Index steps = 0;    // rows of k
  Index width = 0;
  const S* q = nullptr;  // [queries, width], q_stride elements from one row to the next
  Index q_stride = 0;
  const S* k = nullptr;  // [steps, width]
  const S* v = nullptr;  // [width]
};

// Sets scores [queries, steps]. Sums over j have one order on all instruction sets.
template <typename S>
void AdditiveScores(const AdditivePairs<S>& pairs, S* scores);

// Adds to d_q (rows as those of q, with a stride of their own), d_k [steps, width] and d_v [width].
template <typename S>
void AdditiveScoresBackward(const AdditivePairs<S>& pairs, const S* d_scores, S* d_q,
                            Index d_q_stride, S* d_k, S* d_v);

}  // namespace lockstep
