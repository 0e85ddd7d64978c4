// The exponentials of a softmax: one row of logits at a time.
//
// In float with AVX2 and AVX-512, exp is that of glibc 2.28 and later (by S. Nagy, ARM Optimized
// Routines, math/expf.c: x / ln 2 = k / 32 + r, a table of 32 powers of two and a polynomial of
// degree 3, all in double with fused multiply-add), several elements at a time and with the same
// bits. Otherwise it is that of the C library.
#pragma once

#include "base/types.h"

namespace lockstep {

// Replaces x[i] by exp(x[i] - max) and returns the sum of these, added in ascending order in S. max
// is the largest element; not a number if an element is not.
template <typename S>
S TakeExponentials(Index count, S max, S* x);

// The same sum; x is not changed.
template <typename S>
S SumOfExponentials(Index count, S max, const S* x);

}  // namespace lockstep
