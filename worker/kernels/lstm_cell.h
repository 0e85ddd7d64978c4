// Long short-term memory with forget gate and without peepholes (Hochreiter & Schmidhuber 1997;
// Gers et al. 2000), gate order i, f, g, o as in PyTorch and cuDNN:
//   i = sigmoid(.)  f = sigmoid(.)  g = tanh(.)  o = sigmoid(.)   of x_part + b_x + h_part + b_h
//   (1) c = f * c_prev + i * g (2) h = o * tanh(c) (3)
// `memory` is c, `memory_prev` c_prev, `d_memory` the gradient of c, then of c_prev. The recurrent
// product has the gradient of the input product.
#pragma once

#include "worker/kernels/cell_step.h"

namespace lockstep {

template <typename S>
void LstmForward(const CellStep<S>& step);
template <typename S>
void LstmBackward(const CellStep<S>& step);

}  // namespace lockstep
