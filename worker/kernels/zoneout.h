// Zoneout (Krueger et al. 2017, arXiv:1606.01305, section 3.3) of one step of a recurrent cell,
// around the kernels of the cell, which know nothing of it. Let h' and c' be what the cell computes
// from h_prev and c_prev; h' depends on c', not on c:
//   h = (1 - k) * h' + k * h_prev       c = (1 - k) * c' + k * c_prev
// In training k is 1 with the probability of zoneout, else 0, for each unit of each step by itself.
// In evaluation it is that probability: h and c are the expectation over k.
#pragma once

#include "base/counter_rng.h"
#include "worker/kernels/cell_step.h"

namespace lockstep {

// What zoneout needs of the rows of a step. Arrays [B, H].
template <typename S>
struct ZoneoutRows {
  const S* keep = nullptr;         // k of the output
  const S* keep_memory = nullptr;  // k of the cell state; null: the cell has none
  // Backward only: the gradient that goes past the cell, from h to h_prev and from c to c_prev.
  S* past_h = nullptr;
  S* past_memory = nullptr;
  S* cell_output = nullptr;  // forward leaves h' here; null: backward of the cell does not need it
};

// Sets keep[i] for i < count, the units of step t in the order of rows. The bits depend on nothing
// but generator, t and i. `probability` is rounded to a multiple of 1 / 65536.
template <typename S>
void DrawKept(const CounterRng& rng, double probability, Index t, Index count, S* keep);
// The same for evaluation: the probability, rounded alike.
template <typename S>
void SetExpectedKept(double probability, Index count, S* keep);

// After forward of the cell: mixes h and, if there is one, the cell state `memory`.
template <typename S>
void ZoneoutForward(const CellStep<S>& step, const ZoneoutRows<S>& rows);
// Before backward of the cell: splits the gradients of h (d_out + d_h) and of the cell state
// (d_memory). Sets d_h and d_memory to those of h' and c', and past_h and past_memory to the rest,
// which is to be added to d_h and d_memory after backward of the cell. That must not add d_out
// again.
template <typename S>
void ZoneoutBackward(const CellStep<S>& step, const ZoneoutRows<S>& rows);

}  // namespace lockstep
