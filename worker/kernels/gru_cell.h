// Gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), gate order r, z, n as in PyTorch and
// cuDNN.
//
// Reset after the recurrent product (cuDNN, torch.nn.GRU), one step a call:
//   r = sigmoid(x_r + b_xr + h_r + b_hr)        (1)
//   z = sigmoid(x_z + b_xz + h_z + b_hz)        (2)
//   n = tanh(x_n + b_xn + r * (h_n + b_hn))     (3)
//   h = (1 - z) * n + z * h_prev                (4)
// `recurrent` is h_n; `memory` keeps h_n + b_hn, and backward sets it to the gradient of h_n.
//
// Reset before the product (the paper's form) needs (r * h_prev) W_n^T, so a step takes two calls
// with a product between them:
//   ...Gates:     r, z as (1), (2); memory = r * h_prev, whose product is added to x_n in `gates`
//   ...Candidate: n = tanh(x_n + b_xn + h_n + b_hn); h as (4)
// and backward the mirror image:
//   ...CandidateBackward: gradients of n and z; d_h = gradient of h * z
//   ...GatesBackward:     `recurrent` read as d(r * h_prev); gradient of r; d_h += d(r h) * r
// The gradients of both products are the same here and stand in `gates`.
#pragma once

#include "worker/kernels/cell_step.h"

namespace lockstep {

template <typename S>
void GruForward(const CellStep<S>& step);
template <typename S>
void GruBackward(const CellStep<S>& step);

template <typename S>
void GruResetBeforeGates(const CellStep<S>& step);
template <typename S>
void GruResetBeforeCandidate(const CellStep<S>& step);
template <typename S>
void GruResetBeforeCandidateBackward(const CellStep<S>& step);
template <typename S>
void GruResetBeforeGatesBackward(const CellStep<S>& step);

}  // namespace lockstep
