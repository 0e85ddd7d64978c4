// Inverted dropout (Srivastava et al. 2014): an element is zeroed with probability p, the others
// are multiplied by 1 / (1 - p). The mask is not stored: it is a function of the generator and the
// index of the element, so backward draws it again.
#pragma once

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

// Sets x[i] = keep(i) ? x[i] / (1 - p) : 0. The same call on the gradient of the result is the
// backward pass. p = `probability`, 0 <= p < 1, is rounded to a multiple of 1 / 65536.
template <typename S>
void ApplyDropout(const CounterRng& rng, double probability, Index count, S* x);

}  // namespace lockstep
