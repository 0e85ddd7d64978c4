// Penalties on the activations of the top recurrent layer (Merity et al. 2018, arXiv:1708.02182,
// section 4.5). For features h [rows, width] of a slot:
//   activation regularisation (AR):             weight / width * sum over rows of |h_t|^2
//   temporal activation regularisation (TAR):   weight / width * sum over rows of |h_t - h_(t-1)|^2
// They are sums over rows, as losses are, and are divided by the same count of targets; so with a
// target in each step, AR is the paper's mean over all elements. The first step of a sequence, or
// of its part, has no step before it and no term of TAR. Sums are in double, in one fixed order on
// all instruction sets.
#pragma once

#include "data/batch/batch.h"

namespace lockstep {

// Both return the penalty of a slot, and add its gradient to d_h [rows, width].
template <typename S>
double AddActivationL2(double weight, Index rows, Index width, const S* h, S* d_h);
template <typename S>
double AddDifferenceL2(double weight, const PackedLayout& layout, Index width, const S* h, S* d_h);

}  // namespace lockstep
