// Products of few rows with a matrix that the next product uses again, as the recurrent products of
// one step after another. Their time is that of reading the matrix. Multiply (gemm.h) reads panels
// from the first to the last; if they are larger than the second-level cache, each call finds none
// of them there, because those that it needs next are the ones that were replaced. Here every other
// call goes through the panels from the last to the first, and so begins with those that the call
// before it ended with. Two panels are read side by side, because the sums of one are too few
// chains to keep the multipliers busy.
//
// Measured on an Emerald Rapids core (2 MiB of second-level cache), one row, float: 3.1 MB of
// weights in 52 us instead of 98 us, 1.7 MB in 13.4 us instead of 16.3 us, 49 KB in 0.21 us instead
// of 0.28 us.
#pragma once

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
// kMostFewRows rows or bfloat16 it is that call. AMX multiplies so fast that even a whole row of
// tiles takes the time of reading the matrix, so it keeps to the order with any number of rows.
template <typename S>
void MultiplyFewRows(PanelOrder order, Index m, const S* a, Index lda, const PackedMatrix<S>& b,
                     bool adds, S* c, Index ldc, Workspace* workspace);

}  // namespace lockstep
