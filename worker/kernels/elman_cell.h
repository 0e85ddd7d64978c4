// Elman's network (Elman 1990, "Finding structure in time"), as torch.nn.RNN:
//   h = f(x_part + b_x + h_part + b_h),  f = tanh or max(0, .)
// Gradients: d_pre = (d_out + d_h) f'(h) is the gradient of the sum in f, and so of both products.
// After backward, `gates` holds d_pre. `memory` is not used.
#pragma once

#include "worker/kernels/cell_step.h"

namespace lockstep {

template <typename S>
void ElmanTanhForward(const CellStep<S>& step);
template <typename S>
void ElmanTanhBackward(const CellStep<S>& step);
template <typename S>
void ElmanReluForward(const CellStep<S>& step);
template <typename S>
void ElmanReluBackward(const CellStep<S>& step);

}  // namespace lockstep
