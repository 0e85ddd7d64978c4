// Products of few rows with a matrix that the next product uses again, as the recurrent products of
// one step after another. Their time is that of reading the matrix. Multiply (gemm.h) reads panels
// from the first to the last; if they are larger than the second-level cache, each call finds none
// of them there, because those that it needs next are the ones that were replaced. Here every other
// call goes through the panels from the last to the first, and so begins with those that the call
// before it ended with. Two panels are read side by side, because the sums of one are too few
// chains to keep the multipliers busy.
//
// Measured on an Emerald Rapids core (2 MiB of second-level cache), one row, float: 3.1 MB of
// weights in 56 us instead of 102 us, 1.7 MB in 13.4 us instead of 16.3 us, 49 KB in 0.21 us
// instead of 0.28 us.
#pragma once

#include <span>

#include "worker/kernels/gemm.h"

namespace lockstep {

// The order for step t of a loop over time.
constexpr PanelOrder OrderOfStep(Index t) {
  return t % 2 == 0 ? PanelOrder::kAscending : PanelOrder::kDescending;
}

// The most rows that are computed in this way; with more, the multiplications take longer than the
// reading.
inline constexpr Index kMostFewRows = 4;

// The same as Multiply(m, a, lda, b, adds, c, ldc, workspace, order), to the bit; with more than
// kMostFewRows rows, or bfloat16 that is not kept as floats, it is that call. AMX multiplies so
// fast that even a whole row of tiles takes the time of reading the matrix, so it keeps to the
// order with any number of rows.
template <typename S>
void MultiplyFewRows(PanelOrder order, Index m, const S* a, Index lda, const PackedMatrix<S>& b,
                     bool adds, S* c, Index ldc, Workspace* workspace);

// A product c = a b, or c += a b if `adds`, of a step. Its columns stand beside those of the input
// product from `column` on.
template <typename S>
struct StepProduct {
  const S* a = nullptr;
  Index lda = 0;
  const PackedMatrix<S>* b = nullptr;
  bool adds = false;
  S* c = nullptr;
  Index ldc = 0;
  Index column = 0;
};

// All products of a step of m rows: that of its input, and those of its previous output in the
// order of their columns, which may add to what the input product sets. The same as MultiplyFewRows
// for `input` and then for each of `recurrent`, to the bit. Few rows go through the columns of all
// matrices together: a step that is computed by itself reads each of them once, so only if the next
// step begins with the columns that this one ended with, and with all their weights, does it find
// weights in the second-level cache that it is too small to hold altogether.
template <typename S>
void MultiplyStep(PanelOrder order, Index m, const StepProduct<S>& input,
                  std::span<const StepProduct<S>> recurrent, Workspace* workspace);

}  // namespace lockstep
