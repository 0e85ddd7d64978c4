// LSTM whose products and cell state are layer-normalised (Ba et al. 2016, arXiv:1607.06450,
// supplementary material), gate order i, f, g, o:
//   i = sigmoid(.)  f = sigmoid(.)  g = tanh(.)  o = sigmoid(.)     (1)
//   c = f * c_prev + i * g                                          (2)
//   h = o * tanh(cell_gain * normed(c) + cell_bias)                 (3)
// where the dot is what stands in `gates`, the sum of the two normalised products times their gains
// (layer_norm.h), plus b_x + b_h. Arrays are those of lstm_cell.h; `recurrent` is scratch memory.
// Backward sets `gates` to the gradient of the dot, and adds to d_cell_gain and d_cell_bias.
#pragma once

#include "worker/kernels/cell_step.h"

namespace lockstep {

template <typename S>
void LstmNormForward(const CellStep<S>& step);
template <typename S>
void LstmNormBackward(const CellStep<S>& step);

}  // namespace lockstep
