// Long short-term memory with forget gate and without peepholes (Hochreiter & Schmidhuber 1997;
// Gers et al. 2000), gate order i, f, g, o as in PyTorch and cuDNN:
//   i = sigmoid(.)  f = sigmoid(.)  g = tanh(.)  o = sigmoid(.)     (1)
//   c = f * c_prev + i * g                                          (2)
//   h = o * tanh(c)                                                 (3)
// where the dot is x_part + b_x + h_part + b_h of the gate.
// `memory` is c and `memory_prev` is c_prev. On entry to backward `d_memory` is the gradient of c
// from the next step; it is set to the gradient of c_prev. The gradients of the input product and
// of the recurrent product are equal.
#pragma once

#include "worker/kernels/cell_step.h"

namespace lockstep {

template <typename S>
void LstmForward(const CellStep<S>& step);
template <typename S>
void LstmBackward(const CellStep<S>& step);
// Sets `memory` by (2) once more, from the activated gates and `memory_prev`; for any LSTM.
template <typename S>
void LstmCellState(const CellStep<S>& step);

}  // namespace lockstep
