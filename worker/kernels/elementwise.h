// Small sums over arrays, and tanh. The order of every sum is fixed by the sizes alone.
#pragma once

#include "base/types.h"

namespace lockstep {

// a[i] += b[i]
template <typename S>
void AddInPlace(Index count, const S* b, S* a);

// sums[j] += sum over rows of x[row, j]; the order of additions depends on the sizes only. x is
// [rows, cols] with `stride` elements from one row to the next.
template <typename S>
void AddColumnSums(Index rows, Index cols, const S* x, Index stride, S* sums);

// x[row, j] = bias[j]; used before a product is added to x.
template <typename S>
void FillRows(Index rows, Index cols, const S* bias, S* x, Index stride);

// x[i] = tanh(x[i])
template <typename S>
void ApplyTanh(Index count, S* x);

// d[i] *= 1 - y[i]^2: turns the gradient of y = tanh(x) into that of x.
template <typename S>
void TanhBackward(Index count, const S* y, S* d);

}  // namespace lockstep
