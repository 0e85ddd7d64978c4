// Noise on weights, drawn by the counter-based generator: a function of the index of a weight and
// of nothing else, so that any part of an array can be computed by itself.
#pragma once

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

// Sets noisy[i] = x[i] + deviation * z(i) for begin <= i < end. The z(i) are independent, with mean
// 0 and standard deviation 1: each is the sum of eight uniform numbers of 16 bits, moved and
// scaled. That is nearly normal (excess kurtosis -0.15; at most 4.9 from 0), needs no functions of
// the C library, and has the same bits on every instruction set. `x` and `noisy` point at element
// 0; they may be the same array.
void AddWeightNoise(const CounterRng& rng, float deviation, Index begin, Index end, const float* x,
                    float* noisy);

}  // namespace lockstep
