// Gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), gate order r, z, n as in PyTorch and
// cuDNN.
//
// Reset after the recurrent product (cuDNN, torch.nn.GRU); one call per step:
//   r = sigmoid(x_r + b_xr + h_r + b_hr)        (1)
//   z = sigmoid(x_z + b_xz + h_z + b_hz)        (2)
//   n = tanh(x_n + b_xn + r * (h_n + b_hn))     (3)
//   h = (1 - z) * n + z * h_prev                (4)
// On entry `recurrent` is h_n. Forward keeps h_n + b_hn in `memory`; backward replaces it by the
// gradient of h_n, which differs from that of x_n by the factor r.
//
// Reset before the recurrent product (the paper's form) needs (r * h_prev) W_n^T, so a step takes
// two calls, and the caller computes a product between them:
//   ...Gates      computes r, z by (1), (2) and memory = r * h_prev; the caller then adds
//                 memory W_n^T to x_n in `gates`
//   ...Candidate  computes n = tanh(x_n + b_xn + h_n + b_hn), and h by (4)
// Backward does the same in the opposite order:
//   ...CandidateBackward  computes the gradients of n and z, and d_h = (gradient of h) * z; the
//                         caller then sets `recurrent` to the gradient of r * h_prev
//   ...GatesBackward      computes the gradient of r, and adds `recurrent` * r to d_h
// Here the gradients of the input product and of the recurrent product are equal; `gates` holds
// them.
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
