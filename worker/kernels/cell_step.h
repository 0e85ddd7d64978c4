// The argument of every cell kernel: one time step of a recurrent cell whose matrix products are
// already done, so that the kernel only applies the gates. B rows (one per sequence), H hidden
// units, G gates. All arrays are row-major. Arrays [B, G*H] and [B, H] have no gap between rows;
// for the others, the field <name>_stride is the number of elements from one row to the next.
#pragma once

#include "base/types.h"

namespace lockstep {

template <typename S>
struct CellStep {
  Index rows = 0;    // B
  Index hidden = 0;  // H
  Index first = 0;   // the sequence of the first row
  // What a kernel prefetches for the rows to come: as many rows after a row, in every array whose
  // rows are those of the batch; negative if they come before it. Forward and backward walk through
  // memory in opposite directions.
  Index ahead_forward = 1;
  Index ahead_backward = 1;
  const S* bias_x = nullptr;  // [G*H] bias of the input product
  const S* bias_h = nullptr;  // [G*H] bias of the recurrent product

  // Forward: on entry the sum x W_ih^T + h_prev W_hh^T without biases (for the candidate of a GRU:
  // x W_ih^T alone); set to the activated gates. Backward: on entry the activated gates; set to the
  // gradient of that sum.
  S* gates = nullptr;  // [B, G*H]
  // GRU: see gru_cell.h. LSTM with layer normalisation: scratch memory.
  S* recurrent = nullptr;  // [B, H]
  // What forward keeps for backward besides the gates. LSTM: the cell state; GRU: see gru_cell.h.
  S* memory = nullptr;             // [B, H]
  const S* memory_prev = nullptr;  // [B, H] memory of the previous step; LSTM only

  const S* h_prev = nullptr;  // [B, H] output of the previous step
  Index h_prev_stride = 0;
  S* h = nullptr;  // [B, H] output; forward sets it, backward reads it
  Index h_stride = 0;

  // LSTM with layer normalisation only: gain and bias of the normalised cell state.
  const S* cell_gain = nullptr;  // [H]
  const S* cell_bias = nullptr;  // [H]

  // Backward only.
  const S* d_out = nullptr;  // [B, H] gradient of h from the layer above
  Index d_out_stride = 0;
  // On entry the gradient of h from the next step; set to that part of the gradient of h_prev that
  // does not go through the recurrent product.
  S* d_h = nullptr;       // [B, H]
  S* d_memory = nullptr;  // [B, H] the same for the cell state; LSTM only
  // Added to; LSTM with layer normalisation only.
  S* d_cell_gain = nullptr;  // [H]
  S* d_cell_bias = nullptr;  // [H]
};

}  // namespace lockstep
