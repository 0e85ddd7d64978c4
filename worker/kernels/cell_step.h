// One time step of a recurrent cell, as every cell kernel takes it: the matrix products are done,
// the kernel applies gates. B rows (sequences), H hidden units, G gates; all row-major, [B, G*H]
// and [B, H] arrays without a gap between rows, those with a stride named so.
#pragma once

#include "base/types.h"

namespace lockstep {

template <typename S>
struct CellStep {
  Index rows = 0;             // B
  Index hidden = 0;           // H
  const S* bias_x = nullptr;  // [G*H] bias of the input product
  const S* bias_h = nullptr;  // [G*H] bias of the recurrent product

  // Forward: read as x W_ih^T + h_prev W_hh^T without biases (GRU's candidate: x W_ih^T alone), set
  // to the activated gates. Backward: read as the gates, set to the gradient of that sum.
  S* gates = nullptr;  // [B, G*H]
  // GRU only, see gru_cell.h.
  S* recurrent = nullptr;  // [B, H]
  // What forward keeps for backward besides the gates. LSTM: cell state; GRU: see gru_cell.h.
  S* memory = nullptr;             // [B, H]
  const S* memory_prev = nullptr;  // [B, H] the same of the step before; LSTM only

  const S* h_prev = nullptr;
  Index h_prev_stride = 0;
  S* h = nullptr;  // forward: set; backward: read
  Index h_stride = 0;

  // Backward only.
  const S* d_out = nullptr;  // gradient of h from above
  Index d_out_stride = 0;
  // Read as the gradient of h from the step after; set to that part of the gradient of h_prev that
  // does not go through the recurrent product.
  S* d_h = nullptr;       // [B, H]
  S* d_memory = nullptr;  // [B, H] the same for the cell state; LSTM only
};

}  // namespace lockstep
